# METADATA
# scope: package
# title: Containers claim what they need and no more
# custom:
#   id: K8S-003
#   severity: medium
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["kubernetes:core:Pod", "kubernetes:apps:Deployment", "kubernetes:apps:StatefulSet", "kubernetes:apps:DaemonSet", "kubernetes:apps:ReplicaSet", "kubernetes:batch:Job", "kubernetes:batch:CronJob", "kubernetes:ray.io:RayCluster", "kubernetes:ray.io:RayJob", "kubernetes:ray.io:RayService"]
#   on_unknown: defer
#   controls: [UAE-IA T3.3.1, ISO-27001:2022 8.6]
#   remediation: Set `resources.requests` and `resources.limits` of each container for cpu, memory and ephemeral-storage; of a device such as nvidia.com/gpu, `limits` to what is requested.
#   owner: platform
package falaj.rules.k8s_003

import data.falaj.pod
import data.falaj.subject

quantity := "a quantity above 0"

# [path, value, want] of everything that is asked of a resource's containers. A device such as nvidia.com/gpu has one
# number: what is requested is the limit.
asked(resource) := {[path, subject.at(container, where), quantity] |
	some at, container in claiming(resource)
	some kind in {"requests", "limits"}
	some name in {"cpu", "memory", "ephemeral-storage"}
	where := sprintf("resources.%s.%s", [kind, name])
	path := concat(".", [at, where])
} | {[path, subject.at(subject.at(container, "resources.limits"), device), want] |
	some at, container in claiming(resource)
	some device, request in subject.at(container, "resources.requests")
	is_string(device)
	contains(device, "/")
	path := sprintf("%s.resources.limits.%s", [at, device])
	want := plain(request)
}

# All but ephemeral containers, which cannot claim anything.
claiming(resource) := {at: container |
	some at, container in pod.containers(resource)
	not contains(at, "ephemeralContainers")
}

# A number as it reads, whether it is written as one or as text.
plain(value) := trim(subject.shown(value), `"`)

is_quantity(value) if {
	is_number(value)
	value > 0
}

# Not all of its digits are 0.
is_quantity(value) if {
	is_string(value)
	regex.match(`^[0-9.]*[1-9][0-9.]*(m|k|[KMGTPE]i?|e[0-9]+)?$`, value)
}

holds(value, want) if {
	want == quantity
	is_quantity(value)
}

holds(value, want) if {
	want != quantity
	is_quantity(value)
	plain(value) == want
}

results := {urn: verdict |
	some urn, resource in subject.of(rego.metadata.chain())
	found := asked(resource)
	values := {path: value | some [path, value, _] in found}
	wants := {path: want | some [path, _, want] in found}
	right := {path | some [path, value, want] in found; holds(value, want)}
	verdict := subject.judge(values, wants, right)
}
