package falaj_test.wvr_002

import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"waiver": {
	"subject": "waiver:WAIVER-001",
	"good": {"waivers": [cases.waiver]},
	"paths": ["/waivers/0/not_before", "/waivers/0/expires"],
	"bad": {
		"expired": [{"op": "replace", "path": "/waivers/0/expires", "value": "2026-11-24T00:00:00+00:00"}],
		"expired this moment": [{"op": "replace", "path": "/waivers/0/expires", "value": "2026-11-25T08:00:00+00:00"}],
		"not yet": [{"op": "replace", "path": "/waivers/0/not_before", "value": "2026-11-26T00:00:00+00:00"}],
		"31 days for a critical rule": [{"op": "replace", "path": "/waivers/0/expires", "value": "2026-12-21T00:00:00+00:00"}],
		"no time": [{"op": "replace", "path": "/waivers/0/expires", "value": "soon"}],
	},
	"expect": {"unknown": {"/waivers/0/not_before": "fail"}},
}}

test_good if harness.good("WVR-002", fixtures)

test_bad if harness.bad("WVR-002", fixtures)

test_absent if harness.absent("WVR-002", fixtures)

test_null if harness.null_("WVR-002", fixtures)

test_empty if harness.empty("WVR-002", fixtures)

test_unknown if harness.unknown("WVR-002", fixtures)

test_90_days_for_others if {
	every severity in ["high", "medium", "low"] {
		waiver := object.union(cases.waiver, {"severity": severity, "expires": "2027-02-18T00:00:00+00:00"})
		harness.verdict("WVR-002", fixtures.waiver, {"waivers": [waiver]}) == "pass"
		longer := object.union(waiver, {"expires": "2027-02-18T00:00:01+00:00"})
		harness.verdict("WVR-002", fixtures.waiver, {"waivers": [longer]}) == "fail"
	}
}

test_of_no_rule if {
	harness.verdict("WVR-002", fixtures.waiver, {"waivers": [object.union(cases.waiver, {"severity": null})]}) == "fail"
}
