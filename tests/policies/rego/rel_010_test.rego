package falaj_test.rel_010

import data.falaj.rules.rel_010
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": cases.release,
	"paths": [
		"/release",
		"/release/lineage",
		"/release/lineage/run",
		"/release/lineage/features",
		"/release/lineage/sources",
		"/release/lineage/sources/0",
	],
	"bad": object.union_n([
		cases.wrong("/release/lineage/run", {"run, no digest": "latest"}),
		cases.wrong("/release/lineage/sources", {"sources, one is blank": ["a", " "], "sources, as text": "a"}),
	]),
}}

test_good if harness.good("REL-010", fixtures)

test_bad if harness.bad("REL-010", fixtures)

test_absent if harness.absent("REL-010", fixtures)

test_null if harness.null_("REL-010", fixtures)

test_empty if harness.empty("REL-010", fixtures)

test_unknown if harness.unknown("REL-010", fixtures)

test_other_gates_are_not_judged if {
	count(rel_010.results) == 0 with input as cases.resource("release", cases.good_release)
}
