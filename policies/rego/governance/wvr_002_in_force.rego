# METADATA
# scope: package
# title: A waiver is in force, and not for long
# custom:
#   id: WVR-002
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [waiver]
#   on_unknown: deny
#   waivable: false
#   controls: [ISO-27001:2022 5.36, UAE-IA M5.4.1]
#   remediation: Take an expired waiver away, or ask for a new one (90 days at most, 30 for a critical rule).
#   owner: security
package falaj.rules.wvr_002

import data.falaj.subject
import data.falaj.time_

# Days a waiver may last, by the severity of the rule it lifts.
days := {"critical": 30, "high": 90, "medium": 90, "low": 90}

longest(waiver) := days[waiver.severity]

wants := {
	"not_before": "a time that has come",
	"expires": "a time to come, 90 days after not_before at most, 30 for a critical rule",
}

holds("not_before", waiver) if time_.of(waiver.not_before) <= time_.now + time_.skew

holds("expires", waiver) if {
	ends := time_.of(waiver.expires)
	time_.now < ends
	ends - time_.of(waiver.not_before) <= longest(waiver) * time_.day
}

results := {name: verdict |
	some name, waiver in subject.of(rego.metadata.chain())
	right := {fact | some fact, _ in wants; text(waiver, fact); holds(fact, waiver)}
	verdict := subject.judge(waiver, wants, right)
}

text(waiver, fact) if is_string(waiver[fact])
