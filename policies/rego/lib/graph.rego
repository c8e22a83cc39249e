# What depends on what: edges between resources, resolved to URNs before any rule is asked.
package falaj.graph

import data.falaj.subject

# URNs that the value at a property path depends on. The engine knows top-level properties (`rules`), outputs know their
# place (`rules[0].key`): an edge of what the path lies in, or of what lies in it, counts.
targets(resource, path) := {urn |
	some at, urns in object.get(resource, "edges", {})
	related(at, path)
	some urn in urns
}

related(at, path) if at == path

related(at, path) if {
	startswith(path, at)
	substring(path, count(at), 1) in {".", "["}
}

related(at, path) if {
	startswith(at, path)
	substring(at, count(path), 1) in {".", "["}
}

# {urn: resource} of the given types that the value at a property path depends on, and that stay.
pointed(resource, path, types) := {urn: target |
	some urn in targets(resource, path)
	some type in types
	target := subject.by_type[type][urn]
}

# {urn: resource} of one type whose value at the property path depends on the resource `urn`.
pointing(urn, type, path) := {source: resource |
	some source in object.get(into, urn, [])
	resource := subject.by_type[type][source]
	urn in targets(resource, path)
}

# {urn: [the resources that depend on it]}
into := subject.index.into

# Whether a value is one the rule accepts, or not known before apply but made by a resource of these types in this very
# stack: the edge is the proof.
proven(resource, path, types) if {
	subject.is_unknown(subject.at(resource.inputs, path))
	count(pointed(resource, path, types)) > 0
}

# Whether there is anything at a property path: a text, or what is not known yet, of which an edge may tell more.
given(resource, path) if subject.named(subject.at(resource.inputs, path))

given(resource, path) if subject.at(resource.inputs, path) == {"$unknown": true}
