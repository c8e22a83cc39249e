# METADATA
# scope: package
# title: A stack says what data it holds, under which law and on what basis
# custom:
#   id: RES-011
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [stack]
#   on_unknown: deny
#   controls: [UAE-PDPL 5, UAE-PDPL 7, UAE-IA T1.3.1, ISO-27001:2022 5.12]
#   remediation: Set `falaj:data_class`, `falaj:regimes` and, for confidential and restricted data, `falaj:lawful_basis` in the stack file or the tenant's.
#   owner: platform
package falaj.rules.res_011

import data.falaj.subject

personal := {"confidential", "restricted"}

open := {"public", "internal"}

# Regimes that are about nothing but data of people.
special := {"health", "bank"}

wants := {
	"data_class": "public, internal, confidential or restricted, under health or bank one of the last two",
	"regimes": "at least one that is known (on this machine none is needed for public and internal data)",
	"lawful_basis": "the basis in law, for what is neither public nor internal",
}

holds("data_class", stack) if stack.data_class in personal

holds("data_class", stack) if {
	stack.data_class in open
	not some_special(stack)
}

some_special(stack) if {
	some regime in stack.regimes
	regime in special
}

# `regime` is the one of them that the stack is routed to.
holds("regimes", stack) if {
	is_array(stack.regimes)
	stack.regime in stack.regimes
	every regime in stack.regimes { subject.named(regime) }
}

holds("regimes", stack) if {
	stack.regimes == []
	stack.jurisdiction == "local"
	stack.data_class in open
}

holds("lawful_basis", stack) if subject.named(stack.lawful_basis)

holds("lawful_basis", stack) if stack.data_class in open

results := {name: verdict |
	some name, stack in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(path, stack)}
	verdict := subject.judge(stack, wants, right)
}
