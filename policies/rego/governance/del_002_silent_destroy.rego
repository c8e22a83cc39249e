# METADATA
# scope: package
# title: Nothing that holds data is deleted or replaced without approval
# custom:
#   id: DEL-002
#   severity: critical
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [plan]
#   on_unknown: defer
#   waivable: false
#   controls: [UAE-IA T3.2.3, ISO-27001:2022 8.32, ISO-27001:2022 8.10]
#   remediation: Let others than the author look at the plan and sign it with `falaj gate approve`, or keep the resource; another plan needs other approvals.
#   owner: platform
package falaj.rules.del_002

import data.falaj.approval
import data.falaj.stateful
import data.falaj.subject

# Subjects are the resources that would go, so that a finding names each.
results := {urn: verdict |
	input.gate in {"plan", "review"}
	some urn, operation in object.get(input, "operations", {})
	operation in {"delete", "replace"}
	stateful.is(input.resources[urn].type)
	verdict := subject.judge(approval.facts, approval.wants, approval.right)
}
