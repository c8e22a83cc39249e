# METADATA
# scope: package
# title: Pods hold no token of the cluster unless they say what for
# custom:
#   id: K8S-005
#   severity: medium
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["kubernetes:core:Pod", "kubernetes:apps:Deployment", "kubernetes:apps:StatefulSet", "kubernetes:apps:DaemonSet", "kubernetes:apps:ReplicaSet", "kubernetes:batch:Job", "kubernetes:batch:CronJob", "kubernetes:ray.io:RayCluster", "kubernetes:ray.io:RayJob", "kubernetes:ray.io:RayService"]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T5.2.2, ISO-27001:2022 8.2]
#   remediation: Set `automountServiceAccountToken` to false in the pod's spec, or on the ServiceAccount of this stack that it names. A pod that calls the cluster's API gives the reason in its template's annotation `falaj.ae/needs-token`.
#   owner: platform
package falaj.rules.k8s_005

import data.falaj.graph
import data.falaj.namespace
import data.falaj.pod
import data.falaj.subject

account_type := "kubernetes:core:ServiceAccount"

# What the pod says, or else the accounts of this stack that it runs as.
said(urn, resource, where, spec) := value if {
	own := subject.at(spec, "automountServiceAccountToken")
	found := {subject.at(account.inputs, "automountServiceAccountToken") |
		own == null
		some account in accounts(urn, resource, where, spec)
	}
	value := object.get({0: own, 1: subject.first([one | some one in found])}, count(found), sort(found))
}

accounts(urn, resource, where, spec) := {at: account |
	some at, account in namespace.members(namespace.of(urn, resource), account_type)
	subject.at(account.inputs, "metadata.name") == name
} if {
	name := subject.at(spec, "serviceAccountName")
	is_string(name)
} else := graph.pointed(resource, sprintf("%s.serviceAccountName", [where]), [account_type]) if {
	subject.at(spec, "serviceAccountName") == {"$unknown": true}
} else := {}

# The template's annotation, beside its spec.
reason(resource, where) := subject.at(
	subject.at(resource.inputs, concat("", [trim_suffix(where, "spec"), "metadata.annotations"])),
	"falaj.ae/needs-token",
)

holds(_, false)

holds(reason, _) if subject.named(reason)

results := {urn: verdict |
	some urn, resource in subject.of(rego.metadata.chain())
	found := {[concat(".", [where, "automountServiceAccountToken"]), said(urn, resource, where, spec), reason(resource, where)] |
		some where, spec in pod.specs(resource)
	}
	values := {path: value | some [path, value, _] in found}
	wants := {path: "false (or the annotation falaj.ae/needs-token with a reason)" | some path, _ in values}
	right := {path | some [path, value, reason] in found; holds(reason, value)}
	verdict := subject.judge(values, wants, right)
}
