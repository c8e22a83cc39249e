# METADATA
# scope: package
# title: What the model says comes true as often as it says
# custom:
#   id: REL-007
#   severity: medium
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [EU-AI-Act 15.1, NIST-AI-RMF MEASURE 2.5]
#   remediation: Calibrate on rows of their own, or train longer with less certainty. max_calibration_error is in the unit of the score.
#   owner: ml
package falaj.rules.rel_007

import data.falaj.subject

wants := {
	"calibration.rows": "1 or more",
	"calibration.error": sprintf("0 to max_calibration_error %s", [subject.shown(subject.at(input.params, "max_calibration_error"))]),
}

holds("calibration.rows", rows) if {
	is_number(rows)
	rows >= 1
}

holds("calibration.error", error) if {
	most := subject.at(input.params, "max_calibration_error")
	is_number(most)
	is_number(error)
	error >= 0
	error <= most
}

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(path, subject.at(release, path))}
	verdict := subject.judge(release, wants, right)
}
