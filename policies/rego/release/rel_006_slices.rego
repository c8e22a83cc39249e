# METADATA
# scope: package
# title: The model is not much worse for any part of its data
# custom:
#   id: REL-006
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [EU-AI-Act 15.1, NIST-AI-RMF MEASURE 2.5, ISO-42001:2023 A.6.2.4]
#   remediation: Find out what the slice lacks, rows or features. max_slice_gap is how much worse than overall a slice may be.
#   owner: ml
package falaj.rules.rel_006

import data.falaj.subject

wants := {
	"slices.overall": "the metric over all rows",
	"slices.greater_is_better": "true or false",
	"slices.slices": sprintf("1 or more slices of min_group %s rows or more, each within max_slice_gap %s of overall", [
		subject.shown(subject.at(input.params, "min_group")),
		subject.shown(subject.at(input.params, "max_slice_gap")),
	]),
}

holds(release, "slices.overall") if is_number(subject.at(release, "slices.overall"))

holds(release, "slices.greater_is_better") if is_boolean(subject.at(release, "slices.greater_is_better"))

holds(release, "slices.slices") if {
	is_number(subject.at(release, "slices.overall"))
	is_boolean(subject.at(release, "slices.greater_is_better"))
	is_number(subject.at(input.params, "max_slice_gap"))
	is_number(subject.at(input.params, "min_group"))
	found := subject.at(release, "slices.slices")
	is_object(found)
	count(found) > 0
	every slice in found {
		is_number(subject.at(slice, "n"))
		slice.n >= input.params.min_group
		is_number(subject.at(slice, "value"))
		worse(slice.value, release.slices) <= input.params.max_slice_gap
	}
}

worse(value, slices) := slices.overall - value if slices.greater_is_better

worse(value, slices) := value - slices.overall if not slices.greater_is_better

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(release, path)}
	verdict := subject.judge(release, wants, right)
}
