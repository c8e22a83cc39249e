package falaj_test.wvr_004

import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"waiver": {
	"subject": "waiver:WAIVER-001",
	"good": {"waivers": [cases.waiver]},
	"paths": ["/waivers/0/reason", "/waivers/0/compensating_control", "/waivers/0/ticket", "/waivers/0/inputs"],
	"bad": {
		"no reason": [{"op": "replace", "path": "/waivers/0/reason", "value": false}],
		"nothing instead": [{"op": "replace", "path": "/waivers/0/compensating_control", "value": false}],
		"a blank ticket": [{"op": "replace", "path": "/waivers/0/ticket", "value": " "}],
		"no digest": [{"op": "replace", "path": "/waivers/0/inputs", "value": ["x"]}],
	},
}}

test_good if harness.good("WVR-004", fixtures)

test_bad if harness.bad("WVR-004", fixtures)

test_absent if harness.absent("WVR-004", fixtures)

test_null if harness.null_("WVR-004", fixtures)

test_empty if harness.empty("WVR-004", fixtures)

test_unknown if harness.unknown("WVR-004", fixtures)
