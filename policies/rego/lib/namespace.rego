# Which namespace a Kubernetes resource is in: by its name, or by an edge to a Namespace of this stack.
package falaj.namespace

import data.falaj.graph
import data.falaj.subject

# Names and URNs of the namespace that a resource is in, or is itself; of two resources in one, they have one in common.
of(urn, resource) := itself(urn, resource) if {
	subject.kinds[resource.type] == "kubernetes:core:Namespace"
} else := at(resource, subject.at(resource.inputs, "metadata.namespace"))

at(_, name) := {"default"} if name in {null, ""}

at(_, name) := {name} if {
	is_string(name)
	name != ""
}

# Not known yet: the edges tell.
at(resource, name) := {found |
	some target, namespace in graph.pointed(resource, "metadata.namespace", ["kubernetes:core:Namespace"])
	some found in itself(target, namespace)
} if {
	not is_string(name)
	name != null
}

itself(urn, namespace) := {urn} | {name | name := subject.at(namespace.inputs, "metadata.name"); subject.named(name)}

# {urn: resource} of a type in a namespace that is named so.
members(names, type) := {urn: subject.by_type[type][urn] |
	some name in names
	some urn in object.get(inside, [type, name], set())
}

inside[type][name] contains urn if {
	some type, resources in subject.by_type
	startswith(type, "kubernetes:")
	some urn, resource in resources
	some name in of(urn, resource)
}
