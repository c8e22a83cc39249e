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

else := submitter(resource.inputs) if borrows(resource)

else := object.union(groups(resource.inputs, "spec.rayClusterSpec"), submitter(resource.inputs)) if {
	endswith(resource.type, ":RayJob")
}

else := groups(resource.inputs, "spec.rayClusterConfig") if endswith(resource.type, ":RayService")

else := {"spec.template.spec": subject.at(resource.inputs, "spec.template.spec")}

# Whether a job runs on a cluster that is there already.
borrows(resource) if {
	endswith(resource.type, ":RayJob")
	subject.at(resource.inputs, "spec.rayClusterSpec") == null
	some _ in subject.at(resource.inputs, "spec.clusterSelector")
}

# The pod that submits a job, where it is not left to the operator.
submitter(inputs) := {path: subject.at(inputs, path) |
	subject.at(inputs, "spec.submitterPodTemplate") != null
	path := "spec.submitterPodTemplate.spec"
}

# The head's pod and each worker group's, of a Ray cluster at a path.
groups(inputs, path) := object.union(
	{head: subject.at(inputs, head)},
	{worker: subject.at(group, "template.spec") |
		name := concat(".", [path, "workerGroupSpecs"])
		some where, group in subject.items(name, subject.at(inputs, name))
		worker := concat(".", [where, "template.spec"])
	},
) if {
	head := concat(".", [path, "headGroupSpec.template.spec"])
}

# {path: container} of all containers of a resource's pods; those that are not there, or not known, are there so.
containers(resource) := {path: container |
	some where, spec in specs(resource)
	some kind in ["initContainers", "containers", "ephemeralContainers"]
	some at, container in listed(kind, subject.at(spec, kind))
	path := concat(".", [where, at])
}

# A pod without containers lacks its first.
listed(kind, list) := {"containers[0]": null} if {
	kind == "containers"
	list in {null, []}
} else := subject.items(kind, list)

# {path: image} of all those containers.
images(resource) := {path: subject.at(container, "image") |
	some at, container in containers(resource)
	path := concat(".", [at, "image"])
}

# What a container's environment says of a variable: its entry, null of one that is not there; `false` of one that is there
# twice, for which of the two holds is nobody's to say.
variable(container, name) := entry if {
	said := [found | some found in subject.at(container, "env"); subject.at(found, "name") == name]
	count(said) > 0
	entry := object.get({1: said[0]}, count(said), false)
} else := unknown if {
	unknown := {"$unknown": true}
	some part in named_unknown(subject.at(container, "env"))
	part == unknown
} else := null

# The list, and its entries' names: any of them may be the one that is looked for, when it is not known.
named_unknown(env) := {env} | {subject.at(entry, "name") | some entry in env}
