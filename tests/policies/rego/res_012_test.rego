package falaj_test.res_012

import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"waiver": {
	"subject": "waiver:WAIVER-001",
	"good": {"waivers": [object.union(cases.waiver, {"policy": "RES-001"})]},
	"paths": ["/waivers/0/transfer"],
	"bad": {"no basis": [{"op": "replace", "path": "/waivers/0/transfer", "value": false}]},
}}

test_good if harness.good("RES-012", fixtures)

test_bad if harness.bad("RES-012", fixtures)

test_absent if harness.absent("RES-012", fixtures)

test_null if harness.null_("RES-012", fixtures)

test_empty if harness.empty("RES-012", fixtures)

test_unknown if harness.unknown("RES-012", fixtures)

test_other_rules_need_none if {
	results := harness.results("RES-012") with input as harness.document({"waivers": [object.union(cases.waiver, {"transfer": false})]})
	results == {}
}
