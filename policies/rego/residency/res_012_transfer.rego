# METADATA
# scope: package
# title: Data leaves on a legal basis only
# custom:
#   id: RES-012
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [waiver]
#   on_unknown: deny
#   waivable: false
#   controls: [UAE-PDPL 23, CBUAE-OUTSOURCING 6.3, UAE-ICT-HEALTH 13, DIFC-DPL 27, ADGM-DPR 42, GDPR 46]
#   remediation: Write `transfer` with its basis and reference into a waiver of a residency rule (an approval of the central bank and consent, a health authority's decision, clauses).
#   owner: security
package falaj.rules.res_012

import data.falaj.subject

wants := {"transfer": "true"}

results := {name: verdict |
	some name, waiver in subject.of(rego.metadata.chain())
	startswith(waiver.policy, "RES-")
	right := {"transfer" | waiver.transfer == true}
	verdict := subject.judge(waiver, wants, right)
}
