package falaj_test.rel_008

import data.falaj.rules.rel_008
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": cases.release,
	"paths": [
		"/release",
		"/release/robustness",
		"/release/robustness/cases",
		"/release/robustness/cases/noise",
		"/release/robustness/cases/noise/drop",
		"/release/robustness/worst_drop",
		"/params",
		"/params/max_robustness_drop",
	],
	"bad": object.union_n([
		cases.wrong("/release/robustness/worst_drop", {"worst_drop, another than the greatest": 0.01, "worst_drop, as text": "0"}),
		cases.wrong("/release/robustness/cases/noise/drop", {"drop, a greater one": 0.04, "drop, drop as text": "0"}),
		cases.wrong("/params/max_robustness_drop", {"max_robustness_drop, limit as text": "1", "max_robustness_drop, a stricter one": 0.02}),
	]),
	"expect": {"absent": {"/release/robustness/cases/noise": "pass"}, "unknown": {path: "fail" | some path in [
		"/params",
		"/params/max_robustness_drop",
		"/release/robustness/cases",
		"/release/robustness/cases/noise",
		"/release/robustness/cases/noise/drop",
	]}},
}}

test_good if harness.good("REL-008", fixtures)

test_bad if harness.bad("REL-008", fixtures)

test_absent if harness.absent("REL-008", fixtures)

test_null if harness.null_("REL-008", fixtures)

test_empty if harness.empty("REL-008", fixtures)

test_unknown if harness.unknown("REL-008", fixtures)

test_other_gates_are_not_judged if {
	count(rel_008.results) == 0 with input as cases.resource("release", cases.good_release)
}

test_no_drop_at_all if {
	none := {"cases": {"noise": {"drop": 0}}, "worst_drop": 0}
	harness.verdict("REL-008", fixtures.release, harness.set_to(fixtures.release, "/release/robustness", none)) == "pass"
}
