package falaj_test.rel_009

import data.falaj.rules.rel_009
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": cases.release,
	"paths": [
		"/release",
		"/release/latency",
		"/release/latency/model",
		"/release/latency/requests",
		"/release/latency/failed",
		"/release/latency/p95_ms",
		"/params",
		"/params/max_p95_ms",
		"/release/digest",
	],
	"bad": object.union_n([
		cases.wrong("/release/latency/model", {"model, another model": cases.other}),
		cases.wrong("/release/latency/requests", {"requests, too few": 99}),
		cases.wrong("/release/latency/failed", {"failed, one failed": 1, "failed, as text": "0"}),
		cases.wrong("/release/latency/p95_ms", {"p95_ms, too slow": 51, "p95_ms, no time at all": 0}),
		cases.wrong("/params/max_p95_ms", {"max_p95_ms, limit as text": "1"}),
	]),
	"expect": {"unknown": {path: "fail" | some path in ["/params", "/params/max_p95_ms", "/release/digest"]}},
}}

test_good if harness.good("REL-009", fixtures)

test_bad if harness.bad("REL-009", fixtures)

test_absent if harness.absent("REL-009", fixtures)

test_null if harness.null_("REL-009", fixtures)

test_empty if harness.empty("REL-009", fixtures)

test_unknown if harness.unknown("REL-009", fixtures)

test_other_gates_are_not_judged if {
	count(rel_009.results) == 0 with input as cases.resource("release", cases.good_release)
}
