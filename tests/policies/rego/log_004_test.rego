package falaj_test.log_004

import data.falaj_test.cases
import data.falaj_test.harness

lock := "/resources/lock/inputs/rule/defaultRetention"

bucket(writer, edge) := {
	"writer": object.union(writer, {"edges": {edge: ["bucket"]}}),
	"bucket": {"type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "audit", "objectLockEnabled": true}},
	"versioning": {
		"type": "aws:s3/bucketVersioning:BucketVersioning",
		"inputs": {"bucket": cases.unknown, "versioningConfiguration": {"status": "Enabled"}},
		"edges": {"bucket": ["bucket"]},
	},
	"lock": {
		"type": "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
		"inputs": {"bucket": cases.unknown, "rule": {"defaultRetention": {"mode": "COMPLIANCE", "days": 365}}},
		"edges": {"bucket": ["bucket"]},
	},
}

trail := {"type": "aws:cloudtrail/trail:Trail", "inputs": {"s3BucketName": cases.unknown}}

flow := {
	"type": "aws:ec2/flowLog:FlowLog",
	"inputs": {"logDestination": cases.unknown, "logDestinationType": "s3", "trafficType": "ALL", "vpcId": "vpc-0"},
}

account := "/resources/account/inputs"

policy := concat("/", [account, "immutableStorageWithVersioning/immutabilityPolicy"])

fixtures := {
	"trail": {
		"subject": "bucket",
		"good": {"resources": bucket(trail, "s3BucketName")},
		"paths": [
			"/resources/versioning",
			"/resources/versioning/inputs/bucket",
			"/resources/versioning/inputs/versioningConfiguration",
			"/resources/versioning/inputs/versioningConfiguration/status",
			"/resources/versioning/edges/bucket",
			"/resources/lock/inputs/bucket",
			"/resources/lock/inputs/rule",
			lock,
			concat("/", [lock, "mode"]),
			concat("/", [lock, "days"]),
			"/resources/lock/edges/bucket",
		],
		"bad": {
			"no versioning": [{"op": "remove", "path": "/resources/versioning"}],
			"suspended": [{
				"op": "replace",
				"path": "/resources/versioning/inputs/versioningConfiguration/status",
				"value": "Suspended",
			}],
			"no lock": [{"op": "remove", "path": "/resources/lock"}],
			"no default retention": [{"op": "remove", "path": "/resources/lock/inputs/rule"}],
			"too short": [{"op": "replace", "path": concat("/", [lock, "days"]), "value": 30}],
			"two configurations, one of them wrong": [{"op": "add", "path": "/resources/other", "value": {
				"type": "aws:s3/bucketVersioning:BucketVersioning",
				"inputs": {"bucket": cases.unknown, "versioningConfiguration": {"status": "Disabled"}},
				"edges": {"bucket": ["bucket"]},
			}}],
			"no least": [{"op": "add", "path": "/params", "value": {"log_retention_days_min": null}}],
		},
		# Which bucket it is, the edge says; a resource of no known type is none.
		"expect": {"unknown": {
			"/resources/versioning": "fail",
			"/resources/versioning/inputs/bucket": "pass",
			"/resources/versioning/edges/bucket": "fail",
			"/resources/lock/inputs/bucket": "pass",
			"/resources/lock/edges/bucket": "fail",
		}},
	},
	"flow log": {
		"subject": "bucket",
		"good": json.patch({"resources": bucket(flow, "logDestination")}, [{
			"op": "replace",
			"path": lock,
			"value": {"mode": "GOVERNANCE", "years": 1},
		}]),
		"paths": [concat("/", [lock, "mode"]), concat("/", [lock, "years"])],
		"bad": {
			"no length": [{"op": "remove", "path": concat("/", [lock, "years"])}],
			"no years": [{"op": "replace", "path": concat("/", [lock, "years"]), "value": 0}],
		},
	},
	"storage account": {
		"subject": "account",
		"good": {"resources": {"account": {
			"type": "azure-native:storage:StorageAccount",
			"inputs": {
				"kind": "StorageV2",
				"resourceGroupName": "region",
				"sku": {"name": "Standard_ZRS"},
				"tags": {"purpose": "audit"},
				"immutableStorageWithVersioning": {
					"enabled": true,
					"immutabilityPolicy": {"state": "Unlocked", "immutabilityPeriodSinceCreationInDays": 365},
				},
			},
		}}},
		"paths": [
			concat("/", [account, "immutableStorageWithVersioning"]),
			concat("/", [account, "immutableStorageWithVersioning/enabled"]),
			policy,
			concat("/", [policy, "state"]),
			concat("/", [policy, "immutabilityPeriodSinceCreationInDays"]),
		],
		"bad": {
			"disabled": [{"op": "replace", "path": concat("/", [policy, "state"]), "value": "Disabled"}],
			"too short": [{"op": "replace", "path": concat("/", [policy, "immutabilityPeriodSinceCreationInDays"]), "value": 7}],
		},
	},
}

test_a_bucket_of_another_purpose_is_not_judged if {
	plain := {"resources": {"bucket": {"type": "aws:s3/bucket:Bucket", "inputs": {"tags": {"purpose": "training"}}}}}
	harness.verdict("LOG-004", {"subject": "bucket"}, plain) == "nothing"
}

test_good if harness.good("LOG-004", fixtures)

test_bad if harness.bad("LOG-004", fixtures)

test_absent if harness.absent("LOG-004", fixtures)

test_null if harness.null_("LOG-004", fixtures)

test_empty if harness.empty("LOG-004", fixtures)

test_unknown if harness.unknown("LOG-004", fixtures)
