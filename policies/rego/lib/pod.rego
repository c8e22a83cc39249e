# The pods of a Kubernetes resource, wherever its type keeps them: workloads, and the groups of Ray's own types.
package falaj.pod

import data.falaj.subject

# Types with pods; list them in a rule's `applies_to`.
types := {
	"kubernetes:core:Pod",
	"kubernetes:apps:Deployment",
	"kubernetes:apps:StatefulSet",
	"kubernetes:apps:DaemonSet",
	"kubernetes:apps:ReplicaSet",
	"kubernetes:batch:Job",
	"kubernetes:batch:CronJob",
	"kubernetes:ray.io:RayCluster",
	"kubernetes:ray.io:RayJob",
	"kubernetes:ray.io:RayService",
}

# {where: pod spec} of a resource; a spec that is missing or not known is there as it is, for the rule to refuse.
specs(resource) := {"spec": subject.at(resource.inputs, "spec")} if endswith(resource.type, ":Pod")

else := {path: subject.at(resource.inputs, path)} if {
	endswith(resource.type, ":CronJob")
	path := "spec.jobTemplate.spec.template.spec"
}

else := groups(resource.inputs, "spec") if endswith(resource.type, ":RayCluster")

else := groups(resource.inputs, "spec.rayClusterSpec") if endswith(resource.type, ":RayJob")

else := groups(resource.inputs, "spec.rayClusterConfig") if endswith(resource.type, ":RayService")

else := {"spec.template.spec": subject.at(resource.inputs, "spec.template.spec")}

# The head's pod and each worker group's, of a Ray cluster at a path.
groups(inputs, path) := object.union(
	{head: subject.at(inputs, head)},
	{worker: object.get(group, ["template", "spec"], null) |
		some index, group in array_at(inputs, concat(".", [path, "workerGroupSpecs"]))
		worker := sprintf("%s.workerGroupSpecs[%d].template.spec", [path, index])
	},
) if {
	head := concat(".", [path, "headGroupSpec.template.spec"])
}

# {where: container} of all kinds of containers of a pod spec.
containers(where, spec) := {sprintf("%s.%s[%d]", [where, kind, index]): container |
	some kind in ["initContainers", "containers", "ephemeralContainers"]
	some index, container in array_at(spec, kind)
}

# {where: container} of all of a resource's pods.
all(resource) := object.union_n([containers(where, spec) | some where, spec in specs(resource)])

# {name: value} of a container's literal environment; names only with `valueFrom` are not in it.
env(container) := {entry.name: entry.value |
	some entry in array_at(container, "env")
	entry.value != null
}

# The array at a dotted path, empty when there is none.
array_at(values, path) := found if {
	found := subject.at(values, path)
	is_array(found)
} else := []
