package falaj_test.iam_006

import data.falaj_test.harness

options := "/resources/node/inputs/metadataOptions"

hops := concat("/", [options, "httpPutResponseHopLimit"])

node(type, inputs) := {
	"subject": "node",
	"good": {"resources": {"node": {
		"type": type,
		"inputs": object.union(inputs, {"metadataOptions": {
			"httpEndpoint": "enabled",
			"httpTokens": "required",
			"httpPutResponseHopLimit": 1,
		}}),
	}}},
	"paths": [options, concat("/", [options, "httpEndpoint"]), concat("/", [options, "httpTokens"]), hops],
	"bad": {
		"no token": [{"op": "replace", "path": concat("/", [options, "httpTokens"]), "value": "optional"}],
		"for pods, nobody says why": [{"op": "replace", "path": hops, "value": 2}],
		"for anybody near": [{"op": "replace", "path": hops, "value": 64}],
	},
}

reason := "/resources/node/inputs/tags/imds-hop-reason"

fixtures := {
	"template": node("aws:ec2/launchTemplate:LaunchTemplate", {"imageId": "ami-0123456789abcdef0"}),
	"instance": node("aws:ec2/instance:Instance", {"ami": "ami-0123456789abcdef0", "instanceType": "m7i.large"}),
	"spot instance": node("aws:ec2/spotInstanceRequest:SpotInstanceRequest", {"ami": "ami-0123456789abcdef0", "instanceType": "m7i.large"}),
	"configuration": node("aws:ec2/launchConfiguration:LaunchConfiguration", {"imageId": "ami-0123456789abcdef0", "instanceType": "m7i.large"}),
	"two hops": {
		"subject": "node",
		"good": {"resources": {"node": {
			"type": "aws:ec2/launchTemplate:LaunchTemplate",
			"inputs": {
				"metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 2},
				"tags": {"imds-hop-reason": "the node agent runs in a pod"},
			},
		}}},
		"paths": [reason, "/resources/node/inputs/tags", hops],
		"bad": {
			"no reason": [{"op": "replace", "path": reason, "value": " "}],
			"three": [{"op": "replace", "path": hops, "value": 3}],
		},
		# A reason that is not known is none, and the limit is known.
		"expect": {"unknown": {reason: "fail", "/resources/node/inputs/tags": "fail"}},
	},
}

test_good if harness.good("IAM-006", fixtures)

test_bad if harness.bad("IAM-006", fixtures)

test_absent if harness.absent("IAM-006", fixtures)

test_null if harness.null_("IAM-006", fixtures)

test_empty if harness.empty("IAM-006", fixtures)

test_unknown if harness.unknown("IAM-006", fixtures)
