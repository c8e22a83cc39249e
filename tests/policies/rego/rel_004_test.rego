package falaj_test.rel_004

import data.falaj.rules.rel_004
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": cases.release,
	"paths": [
		"/release",
		"/release/data",
		"/release/data/digest",
		"/release/code/digest",
		"/release/environment/digest",
		"/release/data/source",
		"/release/data/rows_train",
		"/release/data/rows_test",
		"/release/data/train",
		"/release/data/test",
	],
	"bad": object.union_n([
		cases.wrong("/release/data/digest", {"a tag for the data": "latest"}),
		cases.wrong("/release/code/digest", {"short digest of the code": "abc"}),
		cases.wrong("/release/environment/digest", {"digest as number": 1}),
		cases.wrong("/release/data/source", {"blank source": " ", "source as number": 1}),
		cases.wrong("/release/data/rows_train", {"trained on nothing": 0}),
		cases.wrong("/release/data/rows_test", {"rows as text": "900"}),
		cases.wrong("/release/data/test", {"tested on what it was trained on": "2015"}),
		cases.wrong("/release/data/train", {"trained on who knows what": ""}),
		cases.wrong("/release/data", {"no data": null}),
		cases.wrong("/release", {"empty release": {}}),
	]),
	# That the test's data is other data cannot be said without knowing what it was trained on.
	"expect": {"unknown": {"/release/data/train": "fail"}},
}}

test_good if harness.good("REL-004", fixtures)

test_bad if harness.bad("REL-004", fixtures)

test_absent if harness.absent("REL-004", fixtures)

test_null if harness.null_("REL-004", fixtures)

test_empty if harness.empty("REL-004", fixtures)

test_unknown if harness.unknown("REL-004", fixtures)

test_other_gates_are_not_judged if {
	count(rel_004.results) == 0 with input as cases.resource("release", cases.good_release)
}
