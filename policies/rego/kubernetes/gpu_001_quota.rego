# METADATA
# scope: package
# title: The stack's GPUs stay within their number, and are kept for those who ask for them
# custom:
#   id: GPU-001
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [stack]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T3.3.1, ISO-27001:2022 8.6]
#   remediation: Lower `maxReplicas` of worker groups, `replicas` or `parallelism` of workloads, the most nodes of a node group, the limit of `nvidia.com/gpu` of a NodePool, or raise the stack's `max_gpus`. Taint nodes with GPUs nvidia.com/gpu NoSchedule and tolerate it in the pods that claim `nvidia.com/gpu`.
#   owner: tenancy
package falaj.rules.gpu_001

import data.falaj.graph
import data.falaj.pod
import data.falaj.subject

gpu := "nvidia.com/gpu"

unknown := {"$unknown": true}

# A number, whether written as one or as text; `otherwise` where nothing is said, "no number" for anything else.
number(value, otherwise) := otherwise if value == null

else := value if {
	is_number(value)
	value >= 0
}

else := to_number(value) if {
	is_string(value)
	regex.match(`^[0-9]+$`, value)
}

else := unknown if value == unknown

else := "no number"

times(one, other) := 0 if 0 in {one, other}

else := "no number" if "no number" in {one, other}

else := unknown if unknown in {one, other}

else := one * other

# {where: {claim, kept}} of all pods that claim GPUs; `kept` says what keeps their nodes for them.
pods := {sprintf("%s %s", [urn, where]): {"claim": times(each, copies(type, resource.inputs, where)), "kept": subject.at(spec, "tolerations")} |
	some type in pod.types
	some urn, resource in subject.by_type[type]
	some where, spec in pod.specs(resource)
	each := total([claim(container) |
		some at, container in pod.containers(resource)
		startswith(at, concat("", [where, "."]))
	])
	each != 0
}

claim(container) := number(subject.first(said), 0) if {
	said := [found |
		some kind in ["limits", "requests"]
		found := subject.at(subject.at(container, concat(".", ["resources", kind])), gpu)
		found != null
	]
}

total(claims) := "no number" if "no number" in claims

else := unknown if unknown in claims

else := sum(claims)

# How many pods of a kind there may be. Ray has no limit where none is set, a daemon is on every node there will be.
copies(type, inputs, where) := times(number(subject.at(group, "maxReplicas"), "no number"), number(subject.at(group, "numOfHosts"), 1)) if {
	contains(where, ".workerGroupSpecs")
	group := subject.at(inputs, trim_suffix(where, ".template.spec"))
} else := number(subject.at(inputs, path), 1) if {
	path := {
		"kubernetes:apps:Deployment": "spec.replicas",
		"kubernetes:apps:StatefulSet": "spec.replicas",
		"kubernetes:apps:ReplicaSet": "spec.replicas",
		"kubernetes:batch:Job": "spec.parallelism",
		"kubernetes:batch:CronJob": "spec.jobTemplate.spec.parallelism",
	}[type]
} else := "no number" if type == "kubernetes:apps:DaemonSet"

else := 1

# GPUs of a node, by its type; a type with GPUs that is not listed has no number.
sizes := {"xlarge": 1, "2xlarge": 1, "4xlarge": 1, "8xlarge": 1, "16xlarge": 1, "12xlarge": 4, "24xlarge": 4, "48xlarge": 8}

listed := object.union(
	{sprintf("%s.%s", [family, size]): many | some family in ["g5", "g6", "g6e"]; some size, many in sizes},
	{
		"p4d.24xlarge": 8,
		"p5.4xlarge": 1,
		"p5.48xlarge": 8,
		"p5en.48xlarge": 8,
		"Standard_NC24ads_A100_v4": 1,
		"Standard_NC48ads_A100_v4": 2,
		"Standard_NC96ads_A100_v4": 4,
		"Standard_NC40ads_H100_v5": 1,
		"Standard_NC80adis_H100_v5": 2,
		"Standard_ND96isr_H100_v5": 8,
	},
)

each_node(types) := "no number" if {
	some type in types
	not listed[type]
} else := max({listed[type] | some type in types})

# Types of instances that have GPUs, of all that a group may have.
with_gpus(types) := {type |
	some type in types
	is_string(type)
	regex.match(`^(p|g|gr)[0-9][a-z0-9-]*\.|^Standard_N[CDGV]`, type)
}

# {where: {claim, kept}} of all nodes with GPUs.
nodes := object.union(of_groups, of_pools)

# Of node groups that clearly have GPUs.
of_groups := {urn: {"claim": times(each_node(types), number(most, "no number")), "kept": taints} |
	some [urn, all_types, most, taints] in groups
	types := with_gpus(all_types)
	count(types) > 0
}

# Of Karpenter's pools, but those whose types are all known to have none.
of_pools := {urn: {"claim": number(subject.at(subject.at(pool.inputs, "spec.limits"), gpu), "no number"), "kept": taints} |
	some urn, pool in subject.by_type["kubernetes:karpenter.sh:NodePool"]
	not without_gpus(pool)
	taints := subject.at(pool.inputs, "spec.template.spec.taints")
}

without_gpus(pool) if {
	some requirement in subject.at(pool.inputs, "spec.template.spec.requirements")
	subject.at(requirement, "key") == "node.kubernetes.io/instance-type"
	subject.at(requirement, "operator") == "In"
	types := subject.at(requirement, "values")
	is_array(types)
	count(types) > 0
	every type in types { subject.named(type) }
	count(with_gpus(types)) == 0
}

groups contains [urn, types_of(group), subject.at(group.inputs, "scalingConfig.maxSize"), subject.at(group.inputs, "taints")] if {
	some urn, group in subject.by_type["aws:eks/nodeGroup:NodeGroup"]
}

# Out of a capacity block, machines are of the type in the launch template.
types_of(group) := types if {
	types := subject.at(group.inputs, "instanceTypes")
	types != null
} else := [subject.at(template.inputs, "instanceType") |
	some template in graph.pointed(group, "launchTemplate", ["aws:ec2/launchTemplate:LaunchTemplate"])
]

groups contains [urn, [subject.at(pool.inputs, "vmSize")], subject.at(pool.inputs, most), subject.at(pool.inputs, "nodeTaints")] if {
	some urn, pool in subject.by_type["azure-native:containerservice:AgentPool"]
	most := object.get({true: "maxCount"}, subject.at(pool.inputs, "enableAutoScaling"), "count")
}

# Of one kind, what is claimed in all: more than may be is too much whatever the rest turns out to be.
sum_of(claims) := "more than can be counted" if "no number" in claims

else := known if {
	known := sum([claim | some claim in claims; is_number(claim)])
	known > input.params.max_gpus
}

else := total(claims)

in_all(found) := {kind: sum_of([one.claim | some one in those]) | some kind, those in found; count(those) > 0}

within(gpus) if {
	is_number(gpus)
	is_number(input.params.max_gpus)
	gpus <= input.params.max_gpus
}

keeps("GPUs claimed by pods", tolerations) if {
	some toleration in tolerations
	subject.at(toleration, "effect") in {null, "NoSchedule"}
	tolerated(subject.at(toleration, "key"), subject.at(toleration, "operator"))
}

tolerated("nvidia.com/gpu", _)

tolerated(null, "Exists")

keeps("GPUs of nodes", taints) if {
	some taint in taints
	tainted(taint)
}

tainted(taint) if {
	taint.key == gpu
	taint.effect in {"NO_SCHEDULE", "NoSchedule"}
}

tainted(taint) if {
	is_string(taint)
	regex.match(`^nvidia\.com/gpu(=[^:]*)?:NoSchedule$`, taint)
}

keeping := {
	"GPUs claimed by pods": "tolerations",
	"GPUs of nodes": "taints",
}

results := {"stack": verdict |
	subject.of(rego.metadata.chain()).stack
	found := {"GPUs claimed by pods": pods, "GPUs of nodes": nodes}
	sums := in_all(found)
	count(sums) > 0
	kept := {sprintf("%s of %s", [keeping[kind], where]): [kind, one.kept] | some kind, those in found; some where, one in those}
	values := object.union(sums, {where: value | some where, [_, value] in kept})
	wants := object.union(
		{kind: sprintf("%v or fewer", [subject.shown(object.get(input, ["params", "max_gpus"], null))]) | some kind, _ in sums},
		{where: "with nvidia.com/gpu NoSchedule among them" | some where, _ in kept},
	)
	right := {kind | some kind, gpus in sums; within(gpus)} | {where | some where, [kind, value] in kept; keeps(kind, value)}
	verdict := subject.judge(values, wants, right)
}
