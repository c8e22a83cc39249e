# METADATA
# scope: package
# title: A waiver is narrow, and of a rule that can be waived
# custom:
#   id: WVR-003
#   severity: high
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [waiver]
#   on_unknown: deny
#   waivable: false
#   controls: [ISO-27001:2022 5.36, UAE-IA M5.4.1]
#   remediation: Name the resource by its URN; `*` may end its name only, after three letters or more. Some rules cannot be waived, and under some regimes further ones.
#   owner: security
package falaj.rules.wvr_003

import data.falaj.subject

wants := {
	"urn": "the URN of a resource of this stack, `*` at the end of its name only, or `stack` or `release`",
	"waivable": "true",
}

holds("urn", waiver) if waiver.urn in {"stack", "release"}

holds("urn", waiver) if {
	is_string(waiver.urn)
	startswith(waiver.urn, sprintf("urn:pulumi:%s::", [waiver.stack]))
	parts := split(waiver.urn, "::")
	count(parts) == 4
	every part in array.slice(parts, 0, 3) {
		not contains(part, "*")
	}
	regex.match(`^[^*]{3,}\*?$`, parts[3])
}

holds("waivable", waiver) if waiver.waivable == true

results := {name: verdict |
	some name, waiver in subject.of(rego.metadata.chain())
	right := {fact | some fact, _ in wants; holds(fact, waiver)}
	verdict := subject.judge(waiver, wants, right)
}
