package falaj_test.net_007

import data.falaj_test.cases
import data.falaj_test.harness

log(destination, more) := {
	"type": "aws:ec2/flowLog:FlowLog",
	"inputs": {
		"vpcId": cases.unknown,
		"trafficType": "ALL",
		"logDestination": destination,
		"iamRoleArn": "arn:aws:iam::123456789012:role/flow-logs",
	},
	"edges": object.union({"vpcId": ["vpc"]}, more),
}

inputs := "/resources/log/inputs"

vpc := {"type": "aws:ec2/vpc:Vpc", "inputs": {"cidrBlock": "10.0.0.0/16"}}

network := {
	"type": "azure-native:network:VirtualNetwork",
	"inputs": {"resourceGroupName": "net", "addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}},
}

fixtures := {
	"vpc": {
		"subject": "vpc",
		"good": {"resources": {
			"vpc": vpc,
			"logs": {
				"type": "aws:cloudwatch/logGroup:LogGroup",
				"inputs": {"retentionInDays": 365},
				"provider": {"region": "me-central-1"},
			},
			"log": log(cases.unknown, {"logDestination": ["logs"]}),
		}},
		"paths": [
			concat("/", [inputs, "trafficType"]),
			concat("/", [inputs, "logDestination"]),
			concat("/", [inputs, "vpcId"]),
			"/resources/log/edges/vpcId",
		],
		"bad": {
			"no flow log": [{"op": "remove", "path": "/resources/log"}],
			"rejected traffic only": [{"op": "replace", "path": concat("/", [inputs, "trafficType"]), "value": "REJECT"}],
			"kept abroad": [{
				"op": "replace",
				"path": concat("/", [inputs, "logDestination"]),
				"value": "arn:aws:logs:us-east-1:123456789012:log-group:flow",
			}],
			"another network's": [{"op": "remove", "path": "/resources/log/edges/vpcId"}],
		},
		# The edges say whose it is, and where it goes.
		"expect": {"unknown": {
			concat("/", [inputs, "logDestination"]): "pass",
			concat("/", [inputs, "vpcId"]): "pass",
			"/resources/log/edges/vpcId": "fail",
		}},
	},
	"vpc, destination known": {
		"subject": "vpc",
		"good": {"resources": {
			"vpc": vpc,
			"log": log("arn:aws:logs:me-central-1:123456789012:log-group:flow", {}),
		}},
		"paths": [concat("/", [inputs, "logDestination"])],
		"bad": {"accepted traffic only": [{"op": "replace", "path": concat("/", [inputs, "trafficType"]), "value": "ACCEPT"}]},
	},
	"azure": {
		"subject": "network",
		"good": {"resources": {
			"network": network,
			"log": {
				"type": "azure-native:network:FlowLog",
				"inputs": {
					"resourceGroupName": "NetworkWatcherRG",
					"networkWatcherName": "NetworkWatcher_uaenorth",
					"storageId": cases.unknown,
					"targetResourceId": cases.unknown,
					"enabled": true,
				},
				"edges": {"targetResourceId": ["network"]},
			},
		}},
		"paths": [concat("/", [inputs, "enabled"]), concat("/", [inputs, "targetResourceId"]), "/resources/log/edges/targetResourceId"],
		"bad": {
			"no flow log": [{"op": "remove", "path": "/resources/log"}],
			"off": [{"op": "replace", "path": concat("/", [inputs, "enabled"]), "value": false}],
			"some traffic only": [{"op": "add", "path": concat("/", [inputs, "enabledFilteringCriteria"]), "value": "srcIP=10.0.0.1"}],
		},
		"expect": {"unknown": {concat("/", [inputs, "targetResourceId"]): "pass", "/resources/log/edges/targetResourceId": "fail"}},
	},
}

test_good if harness.good("NET-007", fixtures)

test_bad if harness.bad("NET-007", fixtures)

test_absent if harness.absent("NET-007", fixtures)

test_null if harness.null_("NET-007", fixtures)

test_empty if harness.empty("NET-007", fixtures)

test_unknown if harness.unknown("NET-007", fixtures)
