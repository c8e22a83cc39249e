# METADATA
# scope: package
# title: The protected groups are treated alike beyond doubt, or people decided
# custom:
#   id: MLR-005
#   severity: critical
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [EU-AI-Act 10.2f, EU-AI-Act 10.2g, NIST-AI-RMF MEASURE 2.11, ISO-42001:2023 A.5.4, UAE-PDPL 18]
#   remediation: Evaluate on more rows, mitigate, or let people who are not the author look at the groups and approve (falaj release approve).
#   owner: ml
package falaj.rules.mlr_005

import data.falaj.approval
import data.falaj.subject

# REL-002 judges the figures; here an interval that straddles its limit is for people to decide.
names := [name |
	listed := subject.at(input.params, "protected")
	is_array(listed)
	some name in listed
	is_string(name)
]

path(name, gap, end) := concat(".", ["fairness", name, "intervals", gap, end])

wants := object.union({"fairness": "intervals of every attribute that params.protected names"}, object.union(
	{path(name, "selection_rate_ratio", "low"): told("min_selection_rate_ratio", "or more") | some name in names},
	{path(name, "equal_opportunity_difference", "high"): told("max_equal_opportunity_difference", "or less") | some name in names},
))

told(limit, side) := sprintf("%s %s %s, or approved by %s people", [
	limit,
	subject.shown(subject.at(input.params, limit)),
	side,
	subject.shown(subject.at(input.params, "approvals_min")),
])

certain(found, "low") if found >= input.params.min_selection_rate_ratio

certain(found, "high") if found <= input.params.max_equal_opportunity_difference

certain(_, _) if approval.enough

limits := {"low": "min_selection_rate_ratio", "high": "max_equal_opportunity_difference"}

holds(release, "fairness") if {
	count(names) > 0
	is_object(subject.at(release, "fairness"))
}

holds(release, where) if {
	end := regex.find_n(`[a-z]+$`, where, 1)[0]
	is_number(subject.at(input.params, limits[end]))
	found := subject.at(release, where)
	is_number(found)
	found >= 0
	certain(found, end)
}

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(release, path)}
	verdict := subject.judge(release, wants, right)
}
