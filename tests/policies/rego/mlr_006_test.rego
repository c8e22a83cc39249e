package falaj_test.mlr_006

import data.falaj.rules.mlr_006
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": cases.release,
	"paths": [
		"/release",
		"/release/champion",
		"/release/champion/digest",
		"/release/champion/rows",
		"/release/champion/metric",
		"/release/champion/low",
		"/params",
		"/params/max_regression",
	],
	"bad": object.union_n([
		cases.wrong("/release/champion/low", {"low, worse than the margin": -0.0051, "low, as text": "0"}),
		cases.wrong("/release/champion/rows", {"rows, no rows": 0}),
		cases.wrong("/release/champion/digest", {"digest, no digest": "best"}),
		cases.wrong("/params/max_regression", {"max_regression, below 0": -0.1, "max_regression, as text": "1"}),
		cases.wrong("/release/champion/metric", {"metric, blank": " "}),
	]),
	"expect": {"unknown": {path: "fail" | some path in ["/params", "/params/max_regression"]}},
}}

test_good if harness.good("MLR-006", fixtures)

test_bad if harness.bad("MLR-006", fixtures)

test_absent if harness.absent("MLR-006", fixtures)

test_null if harness.null_("MLR-006", fixtures)

test_empty if harness.empty("MLR-006", fixtures)

test_unknown if harness.unknown("MLR-006", fixtures)

test_other_gates_are_not_judged if {
	count(mlr_006.results) == 0 with input as cases.resource("release", cases.good_release)
}

test_the_first_model_has_no_champion if {
	harness.verdict("MLR-006", fixtures.release, harness.set_to(fixtures.release, "/release/champion", {"digest": "none"})) == "pass"
}

test_boundary if {
	harness.verdict("MLR-006", fixtures.release, harness.set_to(fixtures.release, "/release/champion/low", -0.005)) == "pass"
}
