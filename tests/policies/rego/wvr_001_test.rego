package falaj_test.wvr_001

import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"waiver": {
	"subject": "waiver:WAIVER-001",
	"good": {"waivers": [cases.waiver]},
	"paths": ["/waivers/0/requested_by", "/waivers/0/risk_owner", "/waivers/0/signed_by"],
	"bad": {
		"one signature": [{"op": "replace", "path": "/waivers/0/signed_by", "value": [{"by": "risk@example.ae", "roles": []}]}],
		"self-approved": [{"op": "replace", "path": "/waivers/0/signed_by", "value": [{"by": "risk@example.ae", "roles": []}, {"by": "author@example.ae", "roles": []}]}],
		"self-approved in capitals": [{"op": "replace", "path": "/waivers/0/signed_by", "value": [{"by": "risk@example.ae", "roles": []}, {"by": "Author@Example.ae", "roles": []}]}],
		"twice the same": [{"op": "replace", "path": "/waivers/0/signed_by", "value": [{"by": "risk@example.ae", "roles": []}, {"by": "risk@example.ae", "roles": []}]}],
		"the risk owner asks": [{"op": "replace", "path": "/waivers/0/risk_owner", "value": "author@example.ae"}],
		"without the risk owner": [{"op": "replace", "path": "/waivers/0/signed_by", "value": [{"by": "a@example.ae", "roles": []}, {"by": "b@example.ae", "roles": []}]}],
	},
	"expect": {"unknown": {"/waivers/0/signed_by": "fail", "/waivers/0/risk_owner": "fail"}},
}}

test_good if harness.good("WVR-001", fixtures)

test_bad if harness.bad("WVR-001", fixtures)

test_absent if harness.absent("WVR-001", fixtures)

test_null if harness.null_("WVR-001", fixtures)

test_empty if harness.empty("WVR-001", fixtures)

test_unknown if harness.unknown("WVR-001", fixtures)
