# METADATA
# scope: package
# title: Bad input does not undo the model
# custom:
#   id: REL-008
#   severity: medium
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [EU-AI-Act 15.1, ISO-42001:2023 A.6.2.4]
#   remediation: Train with missing values, or refuse such input. max_robustness_drop is the most that the metric may lose in the worst case.
#   owner: ml
package falaj.rules.rel_008

import data.falaj.subject

wants := {
	"robustness.cases": "1 or more cases, each with its drop",
	"robustness.worst_drop": sprintf("the greatest drop of the cases, max_robustness_drop %s or less", [
		subject.shown(subject.at(input.params, "max_robustness_drop")),
	]),
}

# Undefined when a case lacks its drop: what was not measured has no worst.
worst(release) := max([case.drop | some case in found]) if {
	found := subject.at(release, "robustness.cases")
	is_object(found)
	count(found) > 0
	every case in found {
		is_number(subject.at(case, "drop"))
	}
}

holds(release, "robustness.cases") if worst(release)

holds(release, "robustness.worst_drop") if {
	stated := subject.at(release, "robustness.worst_drop")
	is_number(stated)
	stated == worst(release)
	is_number(subject.at(input.params, "max_robustness_drop"))
	stated <= input.params.max_robustness_drop
}

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(release, path)}
	verdict := subject.judge(release, wants, right)
}
