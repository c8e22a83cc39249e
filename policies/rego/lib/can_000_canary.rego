# METADATA
# scope: package
# title: The canary
# custom:
#   id: CAN-000
#   severity: low
#   level: {dev: advisory, prod: advisory}
#   applies_to: [plan]
#   on_unknown: deny
#   controls: []
#   remediation: None; it fails in every answer, with the number of the question, to prove that rules ran on it.
#   owner: platform
package falaj.rules.can_000

import data.falaj.subject

results := {"canary": subject.judge(input, {"canary": "never right"}, set())}
