package falaj_test.wvr_003

import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"waiver": {
	"subject": "waiver:WAIVER-001",
	"good": {"waivers": [cases.waiver]},
	"paths": ["/waivers/0/urn", "/waivers/0/waivable"],
	"bad": {
		"everything": [{"op": "replace", "path": "/waivers/0/urn", "value": "*"}],
		"every name": [{"op": "replace", "path": "/waivers/0/urn", "value": "urn:pulumi:uae-aws::falaj::aws:ec2/securityGroup:SecurityGroup::*"}],
		"two letters": [{"op": "replace", "path": "/waivers/0/urn", "value": "urn:pulumi:uae-aws::falaj::aws:ec2/securityGroup:SecurityGroup::ed*"}],
		"in the middle": [{"op": "replace", "path": "/waivers/0/urn", "value": "urn:pulumi:uae-aws::falaj::aws:ec2/securityGroup:SecurityGroup::edge*group"}],
		"every type": [{"op": "replace", "path": "/waivers/0/urn", "value": "urn:pulumi:uae-aws::falaj::*::edge"}],
		"another stack": [{"op": "replace", "path": "/waivers/0/urn", "value": "urn:pulumi:other::falaj::aws:ec2/securityGroup:SecurityGroup::edge"}],
		"of a rule that cannot be waived": [{"op": "replace", "path": "/waivers/0/waivable", "value": false}],
	},
}}

test_good if harness.good("WVR-003", fixtures)

test_bad if harness.bad("WVR-003", fixtures)

test_absent if harness.absent("WVR-003", fixtures)

test_null if harness.null_("WVR-003", fixtures)

test_empty if harness.empty("WVR-003", fixtures)

test_unknown if harness.unknown("WVR-003", fixtures)

test_what_is_narrow_enough if {
	every urn in ["stack", "release", "urn:pulumi:uae-aws::falaj::aws:ec2/securityGroup:SecurityGroup::edg*", "urn:pulumi:uae-aws::falaj::aws:ec2/securityGroup:SecurityGroup::edge"] {
		harness.verdict("WVR-003", fixtures.waiver, {"waivers": [object.union(cases.waiver, {"urn": urn})]}) == "pass"
	}
}
