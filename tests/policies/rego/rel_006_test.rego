package falaj_test.rel_006

import data.falaj.rules.rel_006
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": cases.release,
	"paths": [
		"/release",
		"/release/slices",
		"/release/slices/overall",
		"/release/slices/greater_is_better",
		"/release/slices/slices",
		"/release/slices/slices/under 30",
		"/release/slices/slices/under 30/n",
		"/release/slices/slices/under 30/value",
		"/params",
		"/params/max_slice_gap",
		"/params/min_group",
	],
	"bad": object.union_n([
		cases.wrong("/release/slices/slices/under 30/value", {"value, much worse": 0.7, "value, as text": "0.8"}),
		cases.wrong("/release/slices/slices/under 30/n", {"n, too few": 49, "n, number as text": "300"}),
		cases.wrong("/release/slices/greater_is_better", {"greater_is_better, as a number": 1}),
		cases.wrong("/params/max_slice_gap", {"max_slice_gap, gap as text": "0.5"}),
		cases.wrong("/params/min_group", {"min_group, group as text": "5"}),
	]),
	"expect": {"absent": {"/release/slices/slices/under 30": "pass"}, "unknown": {path: "fail" | some path in [
		"/params",
		"/params/max_slice_gap",
		"/params/min_group",
		"/release/slices/overall",
		"/release/slices/greater_is_better",
	]}},
}}

test_good if harness.good("REL-006", fixtures)

test_bad if harness.bad("REL-006", fixtures)

test_absent if harness.absent("REL-006", fixtures)

test_null if harness.null_("REL-006", fixtures)

test_empty if harness.empty("REL-006", fixtures)

test_unknown if harness.unknown("REL-006", fixtures)

test_other_gates_are_not_judged if {
	count(rel_006.results) == 0 with input as cases.resource("release", cases.good_release)
}

test_of_errors_the_greater_is_the_worse if {
	every value, wanted in {0.9: "pass", 0.93: "fail"} {
		errors := json.patch(cases.release, [
			{"op": "replace", "path": "/release/slices/greater_is_better", "value": false},
			{"op": "replace", "path": "/release/slices/slices/30 and over/value", "value": value},
		])
		harness.verdict("REL-006", fixtures.release, errors) == wanted
	}
}
