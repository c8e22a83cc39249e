package falaj_test.mlr_012

import data.falaj.rules.mlr_012
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": cases.release,
	"paths": ["/release", "/release/rollback", "/release/rollback/to", "/release/rollback/verified"],
	"bad": object.union_n([
		cases.wrong("/release/rollback/to", {"to, itself": cases.digest, "to, no digest": "previous", "to, none, with a champion": "none"}),
		cases.wrong("/release/rollback/verified", {"verified, not verified": false, "verified, as text": "true"}),
	]),
}}

test_good if harness.good("MLR-012", fixtures)

test_bad if harness.bad("MLR-012", fixtures)

test_absent if harness.absent("MLR-012", fixtures)

test_null if harness.null_("MLR-012", fixtures)

test_empty if harness.empty("MLR-012", fixtures)

test_unknown if harness.unknown("MLR-012", fixtures)

test_other_gates_are_not_judged if {
	count(mlr_012.results) == 0 with input as cases.resource("release", cases.good_release)
}

alone(champion) := json.patch(cases.release, [
	{"op": "replace", "path": "/release/rollback", "value": {"to": "none"}},
	{"op": "replace", "path": "/release/champion/digest", "value": champion},
])

test_only_the_first_model_has_none if {
	every champion, wanted in {"none": "pass", cases.digest: "pass", cases.other: "fail"} {
		harness.verdict("MLR-012", fixtures.release, alone(champion)) == wanted
	}
}
