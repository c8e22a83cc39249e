package falaj_test.rel_001

import data.falaj.rules.rel_001
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {
	"release": {
		"subject": "release",
		"good": cases.release,
		"paths": [
			"/release",
			"/release/evaluation",
			"/release/evaluation/rows",
			"/release/evaluation/accuracy_low",
			"/release/evaluation/auc",
			"/params",
			"/params/min_accuracy",
			"/params/min_auc",
		],
		"bad": object.union_n([
			cases.wrong("/release/evaluation/accuracy_low", {
				"accuracy just too low": 0.7999,
				"accuracy above 1": 1.01,
				"accuracy as text": "0.9",
			}),
			cases.wrong("/release/evaluation/auc", {"low AUC": 0.5}),
			cases.wrong("/release/evaluation/rows", {"no rows": 0, "rows as text": "900"}),
			cases.wrong("/release", {"empty release": {}}),
			cases.wrong("/params/min_accuracy", {"accuracy's threshold as text": "0.5"}),
			cases.wrong("/params/min_auc", {"AUC's threshold as text": "0.5"}),
		]),
		# A threshold that is missing or nonsense is no threshold that was met.
		"expect": {"unknown": {path: "fail" | some path in ["/params", "/params/min_accuracy", "/params/min_auc"]}},
	},
	"regression": {
		"subject": "release",
		"good": cases.regression,
		"paths": [
			"/release/evaluation/r2_low",
			"/release/evaluation/rmse_high",
			"/params/min_r2",
			"/params/max_rmse",
		],
		"bad": object.union_n([
			cases.wrong("/release/evaluation/r2_low", {"explains too little": 0.05, "more than all": 1.2}),
			cases.wrong("/release/evaluation/rmse_high", {"too far off": 51, "an error below 0": -1, "text": "47"}),
			cases.wrong("/params/max_rmse", {"its ceiling as text": "50"}),
			cases.wrong("/release/task", {"another task": "classification"}),
		]),
		"expect": {"unknown": {path: "fail" | some path in ["/params/min_r2", "/params/max_rmse"]}},
	},
}

test_good if harness.good("REL-001", fixtures)

test_bad if harness.bad("REL-001", fixtures)

test_absent if harness.absent("REL-001", fixtures)

test_null if harness.null_("REL-001", fixtures)

test_empty if harness.empty("REL-001", fixtures)

test_unknown if harness.unknown("REL-001", fixtures)

test_other_gates_are_not_judged if {
	count(rel_001.results) == 0 with input as cases.resource("release", cases.good_release)
}

test_boundary if {
	harness.verdict("REL-001", fixtures.release, harness.set_to(fixtures.release, "/release/evaluation/accuracy_low", 0.8)) == "pass"
}
