# METADATA
# scope: package
# title: The model treats the protected groups alike, within what was agreed
# custom:
#   id: REL-002
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [EU-AI-Act 10.2, NIST-AI-RMF MEASURE 2.11, ISO-42001:2023 A.5.4, UAE-PDPL 18]
#   remediation: Mitigate (data, weights, threshold per the spec) and evaluate again, or bring evidence for every protected attribute.
#   owner: ml
package falaj.rules.rel_002

import data.falaj.model
import data.falaj.subject

# Every figure is computed here again from the groups' own; the evidence must state the same.
tolerance := 0.000001

names := [name |
	model.personal
	listed := subject.at(input.params, "protected")
	is_array(listed)
	some name in listed
	is_string(name)
]

path(name, part) := concat(".", ["fairness", name, part])

limit(name) := subject.shown(subject.at(input.params, name))

wants["fairness"] := "evidence for at least one protected attribute that params.protected names" if model.personal

wants["data.persons"] := "false where no row is a person's" if not model.personal

wants[path(name, "groups")] := sprintf("2 groups or more, each of min_group %s rows or more", [limit("min_group")]) if {
	some name in names
}

wants[path(name, "selection_rate_ratio")] := sprintf(
	"the groups' own ratio, min_selection_rate_ratio %s or more",
	[limit("min_selection_rate_ratio")],
) if {
	some name in names
}

wants[path(name, "equal_opportunity_difference")] := sprintf(
	"the groups' own difference of tpr, max_equal_opportunity_difference %s or less",
	[limit("max_equal_opportunity_difference")],
) if {
	some name in names
}

share(value) if {
	is_number(value)
	value >= 0
	value <= 1
}

# The groups' figures of one kind; undefined when one group lacks it.
rates(groups, kind) := [group[kind] | some group in groups] if {
	is_object(groups)
	count(groups) > 1
	every group in groups {
		is_object(group)
		share(object.get(group, kind, null))
	}
}

large(groups) if {
	is_object(groups)
	count(groups) > 1
	is_number(input.params.min_group)
	every group in groups {
		is_object(group)
		is_number(object.get(group, "n", null))
		group.n >= input.params.min_group
	}
}

same(stated, computed) if {
	is_number(stated)
	abs(stated - computed) <= tolerance
}

right(release) := ((({path(name, "groups") | some name in names; large(subject.at(release, path(name, "groups")))} | {path(name, "selection_rate_ratio") |
	some name in names
	found := rates(subject.at(release, path(name, "groups")), "selection_rate")
	max(found) > 0
	ratio := min(found) / max(found)
	same(subject.at(release, path(name, "selection_rate_ratio")), ratio)
	is_number(input.params.min_selection_rate_ratio)
	ratio >= input.params.min_selection_rate_ratio
}) | {path(name, "equal_opportunity_difference") |
	some name in names
	found := rates(subject.at(release, path(name, "groups")), "tpr")
	difference := max(found) - min(found)
	same(subject.at(release, path(name, "equal_opportunity_difference")), difference)
	is_number(input.params.max_equal_opportunity_difference)
	difference <= input.params.max_equal_opportunity_difference
}) | {"data.persons" | not model.personal}) | {"fairness" | count(names) > 0; is_object(subject.at(release, "fairness"))}

results := {subject_name: verdict |
	some subject_name, release in subject.of(rego.metadata.chain())
	verdict := subject.judge(release, wants, right(release))
}
