# METADATA
# scope: package
# title: The thresholds are set, sensible and explained
# custom:
#   id: REL-005
#   severity: high
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [ISO-42001:2023 A.6.2.4, NIST-AI-RMF MEASURE 1.1]
#   remediation: Set every threshold in the workload's spec and say why it is what it is.
#   owner: ml
package falaj.rules.rel_005

import data.falaj.subject

shares := {"min_accuracy", "min_auc", "min_selection_rate_ratio", "max_equal_opportunity_difference"}

wants := object.union({name: "a number between 0 and 1" | some name in shares}, {
	"protected": "a list of at least one attribute's name",
	"min_group": "a whole number, 1 or more",
	"rationale": "why these thresholds",
})

named(value) if {
	is_string(value)
	trim_space(value) != ""
}

holds(name, value) if {
	name in shares
	is_number(value)
	value >= 0
	value <= 1
}

holds("protected", value) if {
	is_array(value)
	count(value) > 0
	every name in value {
		named(name)
	}
}

holds("min_group", value) if {
	is_number(value)
	value >= 1
	floor(value) == value
}

holds("rationale", value) if named(value)

results := {name: verdict |
	some name, _ in subject.of(rego.metadata.chain())
	params := object.get(input, "params", null)
	right := {path | some path, _ in wants; holds(path, subject.at(params, path))}
	verdict := subject.judge(params, wants, right)
}
