# METADATA
# scope: package
# title: Every namespace denies all traffic that no policy allows
# custom:
#   id: NET-005
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["kubernetes:core:Namespace"]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T4.5.3, ISO-27001:2022 8.22]
#   remediation: Give the namespace a NetworkPolicy with `podSelector` {}, `policyTypes` Ingress and Egress and no `ingress` or `egress` rules; allow what pods need in policies of their own.
#   owner: platform
package falaj.rules.net_005

import data.falaj.namespace
import data.falaj.subject

# Kubernetes' own; what is in them is the cluster's.
exempt := {"kube-system", "kube-public", "kube-node-lease"}

directions := {"Ingress": "ingress", "Egress": "egress"}

wants(direction, rules) := {
	"podSelector": "{} in a NetworkPolicy of the namespace",
	"policyTypes": sprintf("%s, in the same policy", [direction]),
	rules: "absent in it (or empty)",
}

holds("podSelector", {}, _)

holds("policyTypes", types, direction) if {
	is_array(types)
	direction in types
}

# Without rules nothing is allowed.
holds(path, list, _) if {
	path in {"ingress", "egress"}
	list in {null, []}
}

verdict(policies, direction, rules) := subject.best(verdicts, wanted) if {
	wanted := wants(direction, rules)
	verdicts := [subject.judge(spec, wanted, right) |
		some policy in policies
		spec := subject.at(policy.inputs, "spec")
		right := {path | some path, _ in wanted; holds(path, subject.at(spec, path), direction)}
	]
}

results := {urn: judged |
	some urn, resource in subject.by_type["kubernetes:core:Namespace"]
	names := namespace.of(urn, resource)
	count(names & exempt) == 0
	policies := namespace.members(names, "kubernetes:networking.k8s.io:NetworkPolicy")
	judged := subject.worst([verdict(policies, direction, rules) | some direction, rules in directions])
}
