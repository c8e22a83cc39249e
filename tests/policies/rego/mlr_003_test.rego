package falaj_test.mlr_003

import data.falaj.rules.mlr_003
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": cases.release,
	"paths": [
		"/release",
		"/release/dataset",
		"/release/dataset/digest",
		"/release/dataset/source",
		"/release/dataset/license",
		"/release/dataset/pii",
		"/release/dataset/pii/AGEP",
		"/release/data/digest",
	],
	"bad": object.union_n([
		cases.wrong("/release/dataset/digest", {"digest, other data": cases.other}),
		cases.wrong("/release/dataset/pii/AGEP", {"AGEP, another word": "maybe"}),
		cases.wrong("/release/dataset/license", {"license, blank": " "}),
	]),
	"expect": {"absent": {"/release/dataset/pii/AGEP": "pass"}, "unknown": {"/release/data/digest": "fail"}},
}}

test_good if harness.good("MLR-003", fixtures)

test_bad if harness.bad("MLR-003", fixtures)

test_absent if harness.absent("MLR-003", fixtures)

test_null if harness.null_("MLR-003", fixtures)

test_empty if harness.empty("MLR-003", fixtures)

test_unknown if harness.unknown("MLR-003", fixtures)

test_other_gates_are_not_judged if {
	count(mlr_003.results) == 0 with input as cases.resource("release", cases.good_release)
}
