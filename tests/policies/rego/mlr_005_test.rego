package falaj_test.mlr_005

import data.falaj.rules.mlr_005
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": object.union(cases.release, {"approvals": []}),
	"paths": [
		"/release",
		"/release/fairness",
		"/release/fairness/sex",
		"/release/fairness/sex/intervals",
		"/release/fairness/sex/intervals/selection_rate_ratio",
		"/release/fairness/sex/intervals/selection_rate_ratio/low",
		"/release/fairness/sex/intervals/equal_opportunity_difference/high",
		"/params",
		"/params/protected",
		"/params/min_selection_rate_ratio",
		"/params/max_equal_opportunity_difference",
	],
	"bad": object.union_n([
		cases.wrong("/release/fairness/sex/intervals/selection_rate_ratio/low", {"low, straddles the ratio": 0.79, "low, below 0": -1, "low, as text": "0.9"}),
		cases.wrong("/release/fairness/sex/intervals/equal_opportunity_difference/high", {"high, straddles the difference": 0.11}),
		cases.wrong("/params/protected", {"protected, nothing": [], "protected, numbers": [1], "protected, an attribute without evidence": ["sex", "race"]}),
		cases.wrong("/params/min_selection_rate_ratio", {"min_selection_rate_ratio, as text": "0.5"}),
	]),
	"expect": {"unknown": {path: "fail" | some path in [
		"/params",
		"/params/protected",
		"/params/min_selection_rate_ratio",
		"/params/max_equal_opportunity_difference",
	]}},
}}

test_good if harness.good("MLR-005", fixtures)

test_bad if harness.bad("MLR-005", fixtures)

test_absent if harness.absent("MLR-005", fixtures)

test_null if harness.null_("MLR-005", fixtures)

test_empty if harness.empty("MLR-005", fixtures)

test_unknown if harness.unknown("MLR-005", fixtures)

test_other_gates_are_not_judged if {
	count(mlr_005.results) == 0 with input as cases.resource("release", cases.good_release)
}

straddling := [
	{"op": "replace", "path": "/release/fairness/sex/intervals/selection_rate_ratio/low", "value": 0.7},
	{"op": "replace", "path": "/release/fairness/sex/intervals/equal_opportunity_difference/high", "value": 0.2},
]

test_people_decide_where_the_interval_straddles if {
	harness.verdict("MLR-005", fixtures.release, json.patch(cases.release, straddling)) == "pass"
	one := json.remove(json.patch(cases.release, straddling), ["/approvals/0"])
	harness.verdict("MLR-005", fixtures.release, one) == "fail"
}
