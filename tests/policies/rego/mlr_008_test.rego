package falaj_test.mlr_008

import data.falaj.rules.mlr_008
import data.falaj_test.cases
import data.falaj_test.harness

fixtures_paths := [
	"/approvals",
	"/approvals/0/plan",
	"/approvals/0/by",
	"/approvals/0/expires",
	"/approvals/0/stack",
	"/stack/author",
	"/params/approvals_min",
	"/params/approval_hours_max",
	"/release/digest",
]

fixtures := {"release": {
	"subject": "release",
	"good": object.union(cases.release, {"stack": harness.stack}),
	"paths": [
		"/approvals",
		"/approvals/0/plan",
		"/approvals/0/by",
		"/approvals/0/expires",
		"/approvals/0/stack",
		"/stack/author",
		"/params/approvals_min",
		"/params/approval_hours_max",
		"/release/digest",
	],
	"bad": {
		"one approval": [{"op": "remove", "path": "/approvals/0"}],
		"the author's own": [{"op": "replace", "path": "/approvals/0/by", "value": "Author@example.ae"}],
		"twice the same": [{"op": "replace", "path": "/approvals/0/by", "value": "two@example.ae"}],
		"of another model": [{"op": "replace", "path": "/approvals/0/plan", "value": cases.other}],
		"of another stack": [{"op": "replace", "path": "/approvals/0/stack", "value": "other"}],
		"expired": [{"op": "replace", "path": "/approvals/0/expires", "value": "2026-11-25T08:00:00+00:00"}],
		"nobody's model": [{"op": "replace", "path": "/stack/author", "value": " "}],
	},
	"expect": {"absent": {path: "pass" | some path in ["/stack/author", "/params/approvals_min", "/params/approval_hours_max"]}, "unknown": {path: "fail" | some path in fixtures_paths}},
}}

test_good if harness.good("MLR-008", fixtures)

test_bad if harness.bad("MLR-008", fixtures)

test_absent if harness.absent("MLR-008", fixtures)

test_null if harness.null_("MLR-008", fixtures)

test_empty if harness.empty("MLR-008", fixtures)

test_unknown if harness.unknown("MLR-008", fixtures)

test_other_gates_are_not_judged if {
	count(mlr_008.results) == 0 with input as cases.resource("release", cases.good_release)
}
