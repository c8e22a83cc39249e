package falaj_test.mlr_011

import data.falaj.rules.mlr_011
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": cases.release,
	"paths": [
		"/release",
		"/release/monitor",
		"/release/monitor/profile",
		"/release/monitor/owner",
		"/release/monitor/alerts",
		"/release/monitor/alerts/0",
	],
	"bad": object.union_n([
		cases.wrong("/release/monitor/profile", {"profile, no digest": "profile.json"}),
		cases.wrong("/release/monitor/owner", {"owner, blank": " "}),
		cases.wrong("/release/monitor/alerts", {"alerts, one is blank": ["https://a.svc", " "], "alerts, as text": "https://a.svc"}),
	]),
}}

test_good if harness.good("MLR-011", fixtures)

test_bad if harness.bad("MLR-011", fixtures)

test_absent if harness.absent("MLR-011", fixtures)

test_null if harness.null_("MLR-011", fixtures)

test_empty if harness.empty("MLR-011", fixtures)

test_unknown if harness.unknown("MLR-011", fixtures)

test_other_gates_are_not_judged if {
	count(mlr_011.results) == 0 with input as cases.resource("release", cases.good_release)
}
