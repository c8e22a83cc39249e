# METADATA
# scope: package
# title: People who are not the author have approved this very model
# custom:
#   id: MLR-008
#   severity: critical
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   waivable: false
#   controls: [UAE-IA T3.2.4, ISO-27001:2022 5.3, ISO-42001:2023 A.6.2.5, NIST-AI-RMF GOVERN 2.1]
#   remediation: Let others than the author look at the evidence and sign the model's digest with `falaj release approve`; approvals end after a day.
#   owner: security
package falaj.rules.mlr_008

import data.falaj.approval
import data.falaj.subject

results := {name: verdict |
	some name, _ in subject.of(rego.metadata.chain())
	verdict := subject.judge(approval.facts, approval.wants, approval.right)
}
