# METADATA
# scope: package
# title: The model is as good as was asked
# custom:
#   id: REL-001
#   severity: high
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [EU-AI-Act 15.1, NIST-AI-RMF MEASURE 2.5, ISO-42001:2023 A.6.2.4]
#   remediation: Train a better model. A threshold is changed in the workload's spec, with its rationale, never to let one model through.
#   owner: ml
package falaj.rules.rel_001

import data.falaj.model
import data.falaj.subject

# Judged at the worse end of the confidence interval: a small test set does not make a model good.
least := {"evaluation.r2_low": "min_r2"} if {
	model.regression
} else := {
	"evaluation.accuracy_low": "min_accuracy",
	"evaluation.auc": "min_auc",
}

most := {"evaluation.rmse_high": "max_rmse"} if {
	model.regression
} else := {}

wants["evaluation.rows"] := "1 or more rows the model was not trained on"

wants[path] := sprintf("between %s %s and 1", [name, subject.shown(subject.at(input.params, name))]) if {
	some path, name in least
}

wants[path] := sprintf("0 or more, %s %s at most", [name, subject.shown(subject.at(input.params, name))]) if {
	some path, name in most
}

holds("evaluation.rows", rows) if {
	is_number(rows)
	rows >= 1
}

holds(path, value) if {
	floor := subject.at(input.params, least[path])
	is_number(floor)
	is_number(value)
	value >= floor
	value <= 1
}

holds(path, value) if {
	ceiling := subject.at(input.params, most[path])
	is_number(ceiling)
	is_number(value)
	value >= 0
	value <= ceiling
}

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(path, subject.at(release, path))}
	verdict := subject.judge(release, wants, right)
}
