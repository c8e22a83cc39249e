# METADATA
# scope: package
# title: A waiver says why, and what is done instead
# custom:
#   id: WVR-004
#   severity: medium
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [waiver]
#   on_unknown: deny
#   waivable: false
#   controls: [ISO-27001:2022 5.36, UAE-IA M5.4.1]
#   remediation: Write the reason, the ticket, the compensating control and the digests of the inputs that were looked at.
#   owner: security
package falaj.rules.wvr_004

import data.falaj.subject

wants := {
	"reason": "true",
	"compensating_control": "true",
	"ticket": "the number of a ticket",
	"inputs": "digests of the inputs that were looked at",
}

holds(path, true) if path in {"reason", "compensating_control"}

holds("ticket", value) if subject.named(value)

holds("inputs", value) if {
	is_array(value)
	count(value) > 0
	every input_ in value {
		subject.is_digest(input_)
	}
}

results := {name: verdict |
	some name, waiver in subject.of(rego.metadata.chain())
	right := {fact | some fact, _ in wants; holds(fact, subject.at(waiver, fact))}
	verdict := subject.judge(waiver, wants, right)
}
