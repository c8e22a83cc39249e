package falaj_test.log_002

import data.falaj_test.cases
import data.falaj_test.harness

aws := {"resources": {
	"bucket": {"type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "audit"}},
	"key": {"type": "aws:kms/key:Key", "inputs": {"enableKeyRotation": true}},
	"trail": {
		"type": "aws:cloudtrail/trail:Trail",
		"inputs": {
			"enableLogFileValidation": true,
			"enableLogging": true,
			"isMultiRegionTrail": true,
			"kmsKeyId": cases.unknown,
			"s3BucketName": cases.unknown,
		},
		"edges": {"kmsKeyId": ["key"], "s3BucketName": ["bucket"]},
	},
}}

azure := {"resources": {
	"logs": {"type": "azure-native:operationalinsights:Workspace", "inputs": {"resourceGroupName": "region"}},
	"activity": {
		"type": "azure-native:monitor:SubscriptionDiagnosticSetting",
		"inputs": {
			"workspaceId": cases.unknown,
			"logs": [
				{"category": "Administrative", "enabled": true},
				{"category": "Policy", "enabled": true},
				{"category": "Security", "enabled": true},
			],
		},
		"edges": {"workspaceId": ["logs"]},
	},
}}

# The same as a setting of the general type.
azure_general := {"resources": {"activity": {
	"type": "azure-native:monitor:DiagnosticSetting",
	"inputs": {
		"resourceUri": "/subscriptions/00000000-0000-0000-0000-000000000000",
		"workspaceId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/logs",
		"logs": [{"categoryGroup": "allLogs", "enabled": true}],
	},
}}}

trail := "/resources/trail/inputs"

activity := "/resources/activity/inputs"

fixtures := {
	"aws": {
		"subject": "stack",
		"good": aws,
		"paths": [
			concat("/", [trail, "enableLogFileValidation"]),
			concat("/", [trail, "enableLogging"]),
			concat("/", [trail, "isMultiRegionTrail"]),
			concat("/", [trail, "kmsKeyId"]),
			concat("/", [trail, "s3BucketName"]),
			"/resources/trail/edges/kmsKeyId",
			"/resources/trail/edges/s3BucketName",
		],
		"bad": {
			"no trail": [{"op": "remove", "path": "/resources/trail"}],
			"not validated": [{"op": "replace", "path": concat("/", [trail, "enableLogFileValidation"]), "value": false}],
			"switched off": [{"op": "replace", "path": concat("/", [trail, "enableLogging"]), "value": false}],
			"no word on regions": [{"op": "remove", "path": concat("/", [trail, "isMultiRegionTrail"])}],
			"a key abroad": [{
				"op": "replace",
				"path": concat("/", [trail, "kmsKeyId"]),
				"value": "arn:aws:kms:us-east-1:123456789012:key/0",
			}],
		},
		# A trail logs by default. Without its edge, a key or a bucket is not known.
		"expect": {
			"absent": {
				concat("/", [trail, "enableLogging"]): "pass",
				"/resources/trail/edges/kmsKeyId": "indeterminate",
				"/resources/trail/edges/s3BucketName": "indeterminate",
			},
			"null": {
				concat("/", [trail, "enableLogging"]): "pass",
				"/resources/trail/edges/kmsKeyId": "indeterminate",
				"/resources/trail/edges/s3BucketName": "indeterminate",
			},
			"empty": {
				"/resources/trail/edges/kmsKeyId": "indeterminate",
				"/resources/trail/edges/s3BucketName": "indeterminate",
			},
			"unknown": {concat("/", [trail, "kmsKeyId"]): "pass", concat("/", [trail, "s3BucketName"]): "pass"},
		},
	},
	"aws, applied": {
		"subject": "stack",
		"good": {"resources": {"trail": {
			"type": "aws:cloudtrail/trail:Trail",
			"inputs": {
				"enableLogFileValidation": true,
				"isMultiRegionTrail": false,
				"kmsKeyId": "arn:aws:kms:me-central-1:123456789012:key/0",
				"s3BucketName": "audit",
			},
		}}},
		"paths": [concat("/", [trail, "isMultiRegionTrail"]), concat("/", [trail, "kmsKeyId"])],
		"bad": {"no bucket": [{"op": "replace", "path": concat("/", [trail, "s3BucketName"]), "value": " "}]},
	},
	"azure": {
		"subject": "stack",
		"good": azure,
		"paths": [
			concat("/", [activity, "workspaceId"]),
			concat("/", [activity, "logs"]),
			concat("/", [activity, "logs/0"]),
			concat("/", [activity, "logs/1/category"]),
			concat("/", [activity, "logs/2/enabled"]),
			"/resources/activity/edges/workspaceId",
		],
		"bad": {
			"no setting": [{"op": "remove", "path": "/resources/activity"}],
			"not security": [{"op": "remove", "path": concat("/", [activity, "logs/2"])}],
			"switched off": [{"op": "replace", "path": concat("/", [activity, "logs/0/enabled"]), "value": false}],
		},
		"expect": {
			"absent": {"/resources/activity/edges/workspaceId": "indeterminate"},
			"null": {"/resources/activity/edges/workspaceId": "indeterminate"},
			"empty": {"/resources/activity/edges/workspaceId": "indeterminate"},
			"unknown": {concat("/", [activity, "workspaceId"]): "pass"},
		},
	},
	"azure, the general type": {
		"subject": "stack",
		"good": azure_general,
		"paths": [
			concat("/", [activity, "resourceUri"]),
			concat("/", [activity, "workspaceId"]),
			concat("/", [activity, "logs"]),
			concat("/", [activity, "logs/0/categoryGroup"]),
			concat("/", [activity, "logs/0/enabled"]),
		],
		"bad": {
			"one group's": [{
				"op": "replace",
				"path": concat("/", [activity, "resourceUri"]),
				"value": "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/region",
			}],
			"a resource's of this stack": [
				{"op": "replace", "path": concat("/", [activity, "resourceUri"]), "value": cases.unknown},
				{"op": "add", "path": "/resources/activity/edges", "value": {"resourceUri": ["cluster"]}},
			],
		},
	},
	"both clouds": {
		"subject": "stack",
		"good": object.union(aws, azure),
		"paths": [concat("/", [activity, "logs"]), concat("/", [trail, "kmsKeyId"])],
		"bad": {
			"no trail": [{"op": "remove", "path": "/resources/trail"}],
			"no activity log": [{"op": "remove", "path": "/resources/activity"}],
		},
		"expect": {"unknown": {concat("/", [trail, "kmsKeyId"]): "pass"}},
	},
}

test_a_stack_without_a_cloud_has_nothing_to_record if {
	pod := {"resources": {"pod": {"type": "kubernetes:core/v1:Pod", "inputs": {}}}}
	harness.verdict("LOG-002", {"subject": "stack"}, pod) == "nothing"
}

test_good if harness.good("LOG-002", fixtures)

test_bad if harness.bad("LOG-002", fixtures)

test_absent if harness.absent("LOG-002", fixtures)

test_null if harness.null_("LOG-002", fixtures)

test_empty if harness.empty("LOG-002", fixtures)

test_unknown if harness.unknown("LOG-002", fixtures)
