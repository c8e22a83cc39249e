# METADATA
# scope: package
# title: A waiver is of use
# custom:
#   id: WVR-005
#   severity: low
#   level: {dev: advisory, prod: advisory}
#   applies_to: [waiver]
#   on_unknown: deny
#   waivable: false
#   controls: [ISO-27001:2022 5.36, UAE-IA M5.4.1]
#   remediation: Take the waiver away; what it was for is mended, gone or changed.
#   owner: security
package falaj.rules.wvr_005

import data.falaj.subject

wants := {"urn": "that of a resource of this stack"}

# The pattern as `glob` reads it, where only `*` is special here.
fits(pattern, urn) if pattern == urn

fits(pattern, urn) if {
	is_string(pattern)
	endswith(pattern, "*")
	startswith(urn, trim_suffix(pattern, "*"))
}

# Whether it lifts a finding shows when all findings are there: policies/gate/decide.py looks. Here: whether it could. One
# resource alone cannot say that the others are not there.
holds(waiver) if waiver.urn in {"stack", "release"}

holds(waiver) if {
	input.gate in {"resource", "release"}
	subject.named(waiver.urn)
}

holds(waiver) if {
	some urn, _ in input.resources
	fits(waiver.urn, urn)
}

results := {name: verdict |
	some name, waiver in subject.of(rego.metadata.chain())
	right := {"urn" | holds(waiver)}
	verdict := subject.judge(waiver, wants, right)
}
