# METADATA
# scope: package
# title: Ray's own traffic is encrypted
# custom:
#   id: ENC-006
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["kubernetes:ray.io:RayCluster", "kubernetes:ray.io:RayJob", "kubernetes:ray.io:RayService"]
#   on_unknown: defer
#   controls: [UAE-IA T4.5.2, ISO-27001:2022 8.24, UAE-PDPL 20]
#   remediation: Set RAY_USE_TLS to 1 and RAY_TLS_SERVER_CERT, RAY_TLS_SERVER_KEY and RAY_TLS_CA_CERT to mounted files in the first container of the head and of every worker group, or have the pods join a mesh with mTLS (label `sidecar.istio.io/inject` "true", annotation `linkerd.io/inject` enabled). A token encrypts nothing.
#   owner: platform
package falaj.rules.enc_006

import data.falaj.subject

clusters := {
	"kubernetes:ray.io:RayCluster": "spec",
	"kubernetes:ray.io:RayJob": "spec.rayClusterSpec",
	"kubernetes:ray.io:RayService": "spec.rayClusterConfig",
}

file := "the path of a mounted file"

variables := {"RAY_USE_TLS": "1", "RAY_TLS_SERVER_CERT": file, "RAY_TLS_SERVER_KEY": file, "RAY_TLS_CA_CERT": file}

# {where: group} of a cluster: the head's, and the workers' if there are any.
groups(cluster) := object.union(
	{"headGroupSpec": subject.at(cluster, "headGroupSpec")},
	subject.items("workerGroupSpecs", subject.at(cluster, "workerGroupSpecs")),
)

# What a group's Ray container, its first, is told; `false` of what it is told twice.
told(group, name) := value if {
	env := subject.at(container(group), "env")
	is_array(env)
	said := [entry.value | some entry in env; entry.name == name]
	value := object.get({0: null, 1: subject.first(said)}, count(said), false)
} else := subject.at(container(group), "env.value")

container(group) := subject.first(subject.at(group, "template.spec.containers"))

holds("RAY_USE_TLS", "1")

holds(name, path) if {
	name != "RAY_USE_TLS"
	is_string(path)
	startswith(path, "/")
}

# A mesh encrypts what passes between its pods.
meshed(metadata) if subject.at(metadata, "labels")["sidecar.istio.io/inject"] == "true"

meshed(metadata) if subject.at(metadata, "annotations")["linkerd.io/inject"] == "enabled"

# Pods that may yet join a mesh are not known to be in clear.
facts(group) := {"$unknown": true} if {
	subject.is_unknown(subject.at(group, "template.metadata"))
} else := {name: told(group, name) | some name, _ in variables}

results := {urn: verdict |
	some type, path in clusters
	some urn, resource in subject.by_type[type]
	found := groups(subject.at(resource.inputs, path))
	values := {where: facts(group) | some where, group in found}
	wants := {concat(".", [where, name]): want | some where, _ in found; some name, want in variables}
	right := {concat(".", [where, name]) |
		some where, group in found
		some name, _ in variables
		right_in(group, name)
	}
	verdict := subject.judge(values, wants, right)
}

right_in(group, _) if meshed(subject.at(group, "template.metadata"))

right_in(group, name) if holds(name, told(group, name))
