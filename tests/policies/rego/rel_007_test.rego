package falaj_test.rel_007

import data.falaj.rules.rel_007
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": cases.release,
	"paths": [
		"/release",
		"/release/calibration",
		"/release/calibration/rows",
		"/release/calibration/error",
		"/params",
		"/params/max_calibration_error",
	],
	"bad": object.union_n([
		cases.wrong("/release/calibration/error", {"error, too far off": 0.021, "error, below 0": -0.1, "error, as text": "0"}),
		cases.wrong("/release/calibration/rows", {"rows, no rows": 0}),
		cases.wrong("/params/max_calibration_error", {"max_calibration_error, limit as text": "1"}),
	]),
	"expect": {"unknown": {path: "fail" | some path in ["/params", "/params/max_calibration_error"]}},
}}

test_good if harness.good("REL-007", fixtures)

test_bad if harness.bad("REL-007", fixtures)

test_absent if harness.absent("REL-007", fixtures)

test_null if harness.null_("REL-007", fixtures)

test_empty if harness.empty("REL-007", fixtures)

test_unknown if harness.unknown("REL-007", fixtures)

test_other_gates_are_not_judged if {
	count(rel_007.results) == 0 with input as cases.resource("release", cases.good_release)
}
