package falaj_test.mlr_001

import data.falaj.rules.mlr_001
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": cases.release,
	"paths": [
		"/release",
		"/release/card",
		"/release/card/owner",
		"/release/card/task",
		"/release/card/target",
		"/release/card/intended_use",
		"/release/card/out_of_scope",
		"/release/card/limits",
		"/release/card/license",
	],
	"bad": object.union_n([
		cases.wrong("/release/card/owner", {"owner, blank": " ", "owner, a number": 7}),
		cases.wrong("/release/card", {"card, a text": "good"}),
	]),
}}

test_good if harness.good("MLR-001", fixtures)

test_bad if harness.bad("MLR-001", fixtures)

test_absent if harness.absent("MLR-001", fixtures)

test_null if harness.null_("MLR-001", fixtures)

test_empty if harness.empty("MLR-001", fixtures)

test_unknown if harness.unknown("MLR-001", fixtures)

test_other_gates_are_not_judged if {
	count(mlr_001.results) == 0 with input as cases.resource("release", cases.good_release)
}
