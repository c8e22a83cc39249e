# METADATA
# scope: package
# title: A waiver is approved by two people, neither of them who asked for it
# custom:
#   id: WVR-001
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [waiver]
#   on_unknown: deny
#   waivable: false
#   controls: [UAE-IA T3.2.4, ISO-27001:2022 5.3]
#   remediation: Let two signers who did not ask for the waiver sign it with `falaj gate sign`, one of them a risk owner.
#   owner: security
package falaj.rules.wvr_001

import data.falaj.subject

wants := {
	"requested_by": "who asks for it",
	"risk_owner": "who carries the risk, other than who asks for it",
	"signatures": "of two people or more, none of them who asks for it, the risk owner among them",
}

same(one, other) if {
	is_string(one)
	is_string(other)
	lower(one) == lower(other)
}

others(waiver) := {lower(signature.by) |
	some signature in waiver.signed_by
	is_string(signature.by)
	not same(signature.by, waiver.requested_by)
}

holds("requested_by", waiver) if subject.named(waiver.requested_by)

holds("risk_owner", waiver) if {
	subject.named(waiver.risk_owner)
	not same(waiver.risk_owner, waiver.requested_by)
}

holds("signatures", waiver) if {
	count(others(waiver)) > 1
	is_string(waiver.risk_owner)
	lower(waiver.risk_owner) in others(waiver)
}

results := {name: verdict |
	some name, waiver in subject.of(rego.metadata.chain())
	people := [signature.by | some signature in object.get(waiver, "signed_by", [])]
	right := {fact | some fact, _ in wants; holds(fact, waiver)}
	verdict := subject.judge(object.union(waiver, {"signatures": people}), wants, right)
}
