package falaj_test.wvr_005

import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"waiver": {
	"subject": "waiver:WAIVER-001",
	"good": {"waivers": [cases.waiver], "resources": {"urn:pulumi:uae-aws::falaj::aws:ec2/securityGroup:SecurityGroup::edge": {"type": "aws:ec2/securityGroup:SecurityGroup", "inputs": {}}}},
	"paths": ["/waivers/0/urn", "/resources"],
	"bad": {
		"a resource that is not there": [{"op": "replace", "path": "/waivers/0/urn", "value": "urn:pulumi:uae-aws::falaj::aws:ec2/securityGroup:SecurityGroup::core"}],
		"names that are not there": [{"op": "replace", "path": "/waivers/0/urn", "value": "urn:pulumi:uae-aws::falaj::aws:ec2/securityGroup:SecurityGroup::core*"}],
	},
	# Resources are a map of what is there: none of them is of use to nobody.
	"expect": {"unknown": {"/resources": "fail"}},
}}

test_good if harness.good("WVR-005", fixtures)

test_bad if harness.bad("WVR-005", fixtures)

test_absent if harness.absent("WVR-005", fixtures)

test_null if harness.null_("WVR-005", fixtures)

test_empty if harness.empty("WVR-005", fixtures)

test_unknown if harness.unknown("WVR-005", fixtures)

test_what_could_be_of_use if {
	every urn in ["stack", "release", "urn:pulumi:uae-aws::falaj::aws:ec2/securityGroup:SecurityGroup::edg*"] {
		good := object.union(fixtures.waiver.good, {"waivers": [object.union(cases.waiver, {"urn": urn})]})
		harness.verdict("WVR-005", fixtures.waiver, good) == "pass"
	}
}

test_one_resource_alone_does_not_tell if {
	harness.verdict("WVR-005", fixtures.waiver, {"gate": "resource", "waivers": [cases.waiver]}) == "pass"
}
