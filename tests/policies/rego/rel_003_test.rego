package falaj_test.rel_003

import data.falaj.rules.rel_003
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": cases.release,
	"paths": [
		"/release",
		"/release/digest",
		"/release/signature",
		"/release/signature/present",
		"/release/signature/verified",
		"/release/signature/method",
		"/release/signature/key",
	],
	"bad": object.union_n([
		cases.wrong("/release/digest", {"short digest": "sha256:abc", "another hash": "md5:00", "digest as number": 1}),
		cases.wrong("/release/signature/present", {"not signed": false}),
		cases.wrong("/release/signature/verified", {"not verified": false, "verified as text": "true"}),
		cases.wrong("/release/signature/method", {"blank method": " ", "method as number": 1}),
		cases.wrong("/release/signature/key", {"no key": "none"}),
		cases.wrong("/release/signature", {"no signature": null, "signature as text": "yes"}),
		cases.wrong("/release", {"empty release": {}}),
	]),
}}

test_good if harness.good("REL-003", fixtures)

test_bad if harness.bad("REL-003", fixtures)

test_absent if harness.absent("REL-003", fixtures)

test_null if harness.null_("REL-003", fixtures)

test_empty if harness.empty("REL-003", fixtures)

test_unknown if harness.unknown("REL-003", fixtures)

test_other_gates_are_not_judged if {
	count(rel_003.results) == 0 with input as cases.resource("release", cases.good_release)
}
