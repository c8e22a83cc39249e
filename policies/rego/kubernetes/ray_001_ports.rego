# METADATA
# scope: package
# title: Nobody outside reaches Ray's own ports
# custom:
#   id: RAY-001
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["kubernetes:ray.io:RayCluster", "kubernetes:ray.io:RayJob", "kubernetes:ray.io:RayService", "kubernetes:core:Service", "kubernetes:networking.k8s.io:Ingress"]
#   needs: stack
#   on_unknown: deny
#   controls: [UAE-IA T4.5.1, UAE-IA T5.4.4, ISO-27001:2022 8.20]
#   remediation: Leave `headGroupSpec.serviceType` ClusterIP and `enableIngress` false, make every Service that selects Ray's pods a ClusterIP, let no Ingress lead to 8265, 10001 or 6379, and put a NetworkPolicy that names its sources on the pods with the label `ray.io/is-ray-node`. Whoever reaches these ports runs code.
#   owner: platform
package falaj.rules.ray_001

import data.falaj.graph
import data.falaj.namespace
import data.falaj.ray
import data.falaj.subject

# Of a cluster: KubeRay makes a ClusterIP and no Ingress where nothing is said.
asked := {
	"headGroupSpec.serviceType": {"ClusterIP", null},
	"headGroupSpec.headService.spec.type": {"ClusterIP", null},
	"headGroupSpec.enableIngress": {false, null},
}

words(allowed) := concat(" or ", [sprintf("%v", [value]) | some value in allowed; value != null])

# {urn: policy} of the policies on what comes into pods of Ray's, in the cluster's namespace.
touching(urn, cluster) := {at: policy |
	some at, policy in namespace.members(namespace.of(urn, cluster.resource), "kubernetes:networking.k8s.io:NetworkPolicy")
	subject.at(policy.inputs, "spec.policyTypes") != ["Egress"]
	touches(subject.at(policy.inputs, "spec.podSelector"))
}

touches({})

touches(selector) if subject.at(selector, "matchLabels") == {"$unknown": true}

touches(selector) if is_ray(subject.at(selector, "matchLabels"))

# Labels that KubeRay gives to its pods.
is_ray(labels) if {
	some label, value in labels
	is_string(label)
	startswith(label, "ray.io/")
	value != "worker"
}

# Policies add up: one that lets everybody in undoes the others.
guarded(policies, cluster) if {
	some policy in policies
	for_ingress(subject.at(policy.inputs, "spec.policyTypes"))
	subject.at(policy.inputs, "spec.podSelector") in covering(subject.at(cluster.resource.inputs, "metadata.name"))
	every other in policies {
		narrow(other.inputs)
	}
}

# Where nothing is said, a policy is on what comes in.
for_ingress(null)

for_ingress(types) if "Ingress" in types

covering(name) := {
	{},
	{"matchLabels": {"ray.io/is-ray-node": "yes"}},
	{"matchLabels": {"ray.io/cluster": name}},
	{"matchLabels": {"ray.io/is-ray-node": "yes", "ray.io/cluster": name}},
}

# No rules let nobody in.
narrow(inputs) if subject.at(inputs, "spec.ingress") in {null, []}

narrow(inputs) if {
	rules := subject.at(inputs, "spec.ingress")
	is_array(rules)
	every rule in rules {
		some _ in subject.at(rule, "from")
		every source in subject.at(rule, "from") {
			is_object(source)
			named(source)
		}
	}
}

named(source) if subject.is_narrow(subject.at(source, "ipBlock.cidr"))

# All pods of the namespace, or what has certain labels; not all there is in the cluster.
named({"podSelector": {}})

named(source) if {
	some kind in {"podSelector", "namespaceSelector"}
	some how in {"matchLabels", "matchExpressions"}
	some _ in subject.at(source, sprintf("%s.%s", [kind, how]))
	not subject.is_unknown(source)
}

# A Service that may be Ray's, its selector being unknown, is not known to be wrong.
# Dashboard and jobs, client, control store: whoever reaches them runs code. Serving, at 8000, is there to be shown.
numbers := {8265, 10001, 6379}

names := {"dashboard", "client", "gcs", "gcs-server", "redis"}

results := object.union_n([
	{urn: verdict |
		some urn, cluster in ray.clusters
		inputs := cluster.resource.inputs
		policies := touching(urn, cluster)
		allowed := object.union({concat(".", [cluster.path, path]): values | some path, values in asked}, {"spec.serveService.spec.type": {"ClusterIP", null}})
		facts := object.union({path: subject.at(inputs, path) | some path, _ in allowed}, {"NetworkPolicy": [subject.at(found.inputs, "spec") | some found in policies]})
		wants := object.union(
			{path: words(values) | some path, values in allowed},
			{"NetworkPolicy": "one on the pods with ray.io/is-ray-node in the namespace, all with sources that are named"},
		)
		right := {path | some path, values in allowed; facts[path] in values} | {"NetworkPolicy" | guarded(policies, cluster)}
		verdict := subject.judge(facts, wants, right)
	},
	{urn: verdict |
		some urn, service in subject.by_type["kubernetes:core:Service"]
		selector := subject.at(service.inputs, "spec.selector")
		touches({"matchLabels": selector})
		wants := {"spec.type": "ClusterIP", "spec.externalIPs": "empty"}
		facts := {path: subject.at(service.inputs, path) | some path, _ in wants}
		right := {"spec.type" | facts["spec.type"] in {"ClusterIP", null}} | {"spec.externalIPs" | facts["spec.externalIPs"] in {[], null}}
		verdict := subject.judge(facts, wants, right)
	},
	{urn: verdict |
		some urn, ingress in subject.by_type["kubernetes:networking.k8s.io:Ingress"]
		facts := {path: told(backend) | some path, backend in backends(ingress.inputs)}
		wants := {path: "something else than the head of Ray (8265, 10001, 6379)" | some path, _ in facts}
		right := {path | some path, backend in backends(ingress.inputs); harmless(urn, ingress, path, backend)}
		verdict := subject.judge(facts, wants, right)
	},
])

# {path: backend} of an Ingress: the default one, if there is one, and each path's.
backends(inputs) := object.union(
	{path: backend | path := "spec.defaultBackend"; backend := subject.at(inputs, path); backend != null},
	{path: subject.at(found, "backend") |
		some at, rule in subject.items("spec.rules", subject.at(inputs, "spec.rules"))
		some below, found in subject.items("http.paths", subject.at(rule, "http.paths"))
		path := concat(".", [at, below, "backend"])
	},
)

harmless(_, _, _, backend) if {
	subject.at(backend, "service") == null
	subject.named(subject.at(backend, "resource.kind"))
}

harmless(urn, ingress, path, backend) if {
	port := port_of(subject.at(backend, "service.port"))
	name := subject.at(backend, "service.name")
	not is_head(name, port)
	services := behind(urn, ingress, path, name)
	every service in services {
		not leads(service.inputs, port)
	}
}

port_of(port) := port.number if {
	is_number(port.number)
	port.number > 0
	not port.number in numbers
} else := port.name if {
	subject.named(port.name)
	not port.number
}

# A port that is wrong is so whatever the Service is called.
told(backend) := {"port": port} if {
	subject.at(backend, "service") != null
	port := subject.at(backend, "service.port")
	not subject.is_unknown(port)
	not port_of(port)
} else := backend

# The Service that KubeRay makes for a head.
is_head(name, port) if {
	is_string(name)
	endswith(name, "-head-svc")
	not port in {8000, "serve"}
}

# {urn: Service} of this stack with that name; one not known yet is what the edge leads to.
behind(urn, ingress, _, name) := {at: service |
	some at, service in namespace.members(namespace.of(urn, ingress), "kubernetes:core:Service")
	subject.at(service.inputs, "metadata.name") == name
} if {
	subject.named(name)
}

behind(_, ingress, path, {"$unknown": true}) := services if {
	services := graph.pointed(ingress, path, ["kubernetes:core:Service"])
	count(services) > 0
}

leads(inputs, port) if {
	is_ray(subject.at(inputs, "spec.selector"))
	some open in subject.at(inputs, "spec.ports")
	port in {subject.at(open, "port"), subject.at(open, "name")}
	some target in [subject.at(open, "targetPort"), subject.at(open, "port")]
	target in (numbers | names)
}
