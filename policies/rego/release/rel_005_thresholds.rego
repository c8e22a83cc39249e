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

import data.falaj.model
import data.falaj.subject

quality := {"min_r2"} if {
	model.regression
} else := {"min_accuracy", "min_auc"}

alike := {"min_selection_rate_ratio", "max_equal_opportunity_difference"} if {
	model.personal
} else := set()

shares := quality | alike

wants[name] := "a number between 0 and 1" if some name in shares

wants["rationale"] := "why these thresholds"

wants["protected"] := "a list of at least one attribute's name" if model.personal

wants["min_group"] := "a whole number, 1 or more" if model.personal

wants["max_rmse"] := "a number above 0" if model.regression

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

holds("max_rmse", value) if {
	is_number(value)
	value > 0
}

holds("rationale", value) if named(value)

results := {name: verdict |
	some name, _ in subject.of(rego.metadata.chain())
	params := object.get(input, "params", null)
	right := {path | some path, _ in wants; holds(path, subject.at(params, path))}
	verdict := subject.judge(params, wants, right)
}
