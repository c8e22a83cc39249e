# METADATA
# scope: package
# title: Ray asks for a token
# custom:
#   id: RAY-002
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["kubernetes:ray.io:RayCluster", "kubernetes:ray.io:RayJob", "kubernetes:ray.io:RayService"]
#   on_unknown: deny
#   controls: [UAE-IA T5.5.2, ISO-27001:2022 8.5]
#   remediation: Set `authOptions.mode` of the cluster to token (KubeRay 1.5.1 or later, `rayVersion` 2.52.0 or later). With an older KubeRay set RAY_AUTH_MODE to token and RAY_AUTH_TOKEN by `valueFrom.secretKeyRef` in the first container of the head and of every worker group.
#   owner: platform
package falaj.rules.ray_002

import data.falaj.pod
import data.falaj.ray
import data.falaj.subject

option(cluster) := concat(".", [cluster.path, "authOptions.mode"])

# What the operator is told to do, in every container; none of them is told otherwise.
by_option(cluster) := subject.judge(values, wants, right) if {
	told := object.union(
		{option(cluster): ["token", subject.at(cluster.resource.inputs, option(cluster))]},
		{concat(".", [at, "env.RAY_AUTH_MODE"]): ["token or absent", mode(container, "token")] | some at, container in ray.containers(cluster)},
	)
	values := {path: value | some path, [_, value] in told}
	wants := {path: want | some path, [want, _] in told}
	right := {path | some path, value in values; value == "token"}
}

# What each of the containers is told itself, where the operator is told nothing.
by_hand(cluster) := subject.judge(values, wants, right) if {
	containers := ray.containers(cluster)
	modes := {concat(".", [at, "env.RAY_AUTH_MODE"]): mode(container, null) | some at, container in containers}
	tokens := {concat(".", [at, "env.RAY_AUTH_TOKEN"]): pod.variable(container, "RAY_AUTH_TOKEN") | some at, container in containers}
	values := object.union(modes, tokens)
	wants := object.union({path: "token" | some path, _ in modes}, {path: "of a secret (valueFrom.secretKeyRef)" | some path, _ in tokens})
	right := {path | some path, "token" in modes} | {path | some path, entry in tokens; sealed(entry)}
}

mode(container, otherwise) := otherwise if pod.variable(container, "RAY_AUTH_MODE") == null

else := subject.at(pod.variable(container, "RAY_AUTH_MODE"), "value")

sealed(entry) if {
	subject.named(subject.at(entry, "valueFrom.secretKeyRef.name"))
	subject.named(subject.at(entry, "valueFrom.secretKeyRef.key"))
}

results := object.union_n([
	{urn: verdict |
		some urn, cluster in ray.clusters
		not handed(cluster)
		verdict := by_option(cluster)
	},
	{urn: verdict |
		some urn, cluster in ray.clusters
		handed(cluster)
		verdict := by_hand(cluster)
	},
])

# Nothing is said to the operator, and something to a container.
handed(cluster) if {
	subject.at(cluster.resource.inputs, option(cluster)) == null
	some container in ray.containers(cluster)
	pod.variable(container, "RAY_AUTH_MODE") != null
}
