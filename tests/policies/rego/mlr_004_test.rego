package falaj_test.mlr_004

import data.falaj.rules.mlr_004
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": cases.release,
	"paths": [
		"/release",
		"/release/consent",
		"/release/consent/persons",
		"/release/consent/purpose",
		"/release/consent/snapshot",
		"/release/consent/at",
		"/release/consent/covered",
		"/release/consent/rows",
	],
	"bad": object.union_n([
		cases.wrong("/release/consent/covered", {"covered, one row is not covered": 999, "covered, no rows": 0}),
		cases.wrong("/release/consent/at", {"at, tomorrow": "2026-11-26T08:00:00Z", "at, no time": "today"}),
		cases.wrong("/release/consent/persons", {"persons, nobody, without a reason": false}),
		cases.wrong("/release/consent/snapshot", {"snapshot, no digest": "latest"}),
		cases.wrong("/release/consent/purpose", {"purpose, blank": " "}),
	]),
	"expect": {"unknown": {path: "fail" | some path in ["/release/consent/rows"]}},
}}

test_good if harness.good("MLR-004", fixtures)

test_bad if harness.bad("MLR-004", fixtures)

test_absent if harness.absent("MLR-004", fixtures)

test_null if harness.null_("MLR-004", fixtures)

test_empty if harness.empty("MLR-004", fixtures)

test_unknown if harness.unknown("MLR-004", fixtures)

test_other_gates_are_not_judged if {
	count(mlr_004.results) == 0 with input as cases.resource("release", cases.good_release)
}

test_data_about_nobody_needs_a_reason if {
	every reason, wanted in {"flights, no passengers": "pass", " ": "fail"} {
		nobody := harness.set_to(fixtures.release, "/release/consent", {"persons": false, "reason": reason})
		harness.verdict("MLR-004", fixtures.release, nobody) == wanted
	}
}
