package falaj_test.rel_005

import data.falaj.rules.rel_005
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {
	"release": {
		"subject": "release",
		"good": cases.release,
		"paths": [
			"/params",
			"/params/min_accuracy",
			"/params/min_auc",
			"/params/min_selection_rate_ratio",
			"/params/max_equal_opportunity_difference",
			"/params/protected",
			"/params/min_group",
			"/params/rationale",
		],
		"bad": object.union_n([
			cases.wrong("/params/min_accuracy", {"accuracy above 1": 1.1, "accuracy below 0": -0.1}),
			cases.wrong("/params/min_auc", {"AUC as text": "0.8"}),
			cases.wrong("/params/protected", {
				"a blank attribute": [""],
				"attributes as text": "sex",
				"attributes by number": [1],
			}),
			cases.wrong("/params/min_group", {"group of nobody": 0, "group of one and a half": 1.5}),
			cases.wrong("/params/rationale", {"blank rationale": " ", "rationale as number": 1}),
			cases.wrong("/params", {"no thresholds": {}}),
		]),
		# The harness's own parameters stand beside an unknown set, so its thresholds are missing.
		"expect": {"unknown": {"/params": "fail"}},
	},
	"regression": {
		"subject": "release",
		"good": cases.regression,
		"paths": ["/params/min_r2", "/params/max_rmse", "/params/rationale"],
		"bad": object.union_n([
			cases.wrong("/params/min_r2", {"more than all": 1.1, "less than nothing": -0.1}),
			cases.wrong("/params/max_rmse", {"no error at all": 0, "text": "50"}),
			cases.wrong("/release/data/persons", {"persons' rows, and no attribute protected": true}),
		]),
		"expect": {},
	},
}

test_good if harness.good("REL-005", fixtures)

test_bad if harness.bad("REL-005", fixtures)

test_absent if harness.absent("REL-005", fixtures)

test_null if harness.null_("REL-005", fixtures)

test_empty if harness.empty("REL-005", fixtures)

test_unknown if harness.unknown("REL-005", fixtures)

test_other_gates_are_not_judged if {
	count(rel_005.results) == 0 with input as cases.resource("release", cases.good_release)
}

test_no_parameters_at_all if {
	every params in [null, {}, [], ""] {
		rel_005.results.release.result == "fail" with input as json.patch(cases.release, [{"op": "replace", "path": "/params", "value": params}])
	}
	rel_005.results.release.result == "fail" with input as json.remove(cases.release, ["/params"])
}
