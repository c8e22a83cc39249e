package falaj_test.enc_001

import data.falaj_test.cases
import data.falaj_test.harness

default_ := "/resources/sse/inputs/rules/0/applyServerSideEncryptionByDefault"

fixtures := {
	"s3": {
		"subject": "bucket",
		"good": {"resources": {
			"bucket": {"type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "lake"}},
			"key": {"type": "aws:kms/key:Key", "inputs": {"enableKeyRotation": true}},
			"sse": {
				"type": "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
				"inputs": {
					"bucket": cases.unknown,
					"rules": [{
						"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": cases.unknown},
						"bucketKeyEnabled": true,
					}],
				},
				"edges": {"bucket": ["bucket"], "rules": ["key"]},
			},
		}},
		"paths": [
			concat("/", [default_, "sseAlgorithm"]),
			concat("/", [default_, "kmsMasterKeyId"]),
			"/resources/sse/inputs/rules/0/bucketKeyEnabled",
			"/resources/sse/inputs/rules",
			"/resources/sse/edges/bucket",
			"/resources/sse/edges/rules",
		],
		"bad": {
			"no configuration": [{"op": "remove", "path": "/resources/sse"}],
			"the service's own encryption": [{"op": "replace", "path": concat("/", [default_, "sseAlgorithm"]), "value": "AES256"}],
			"the service's own key": [{"op": "replace", "path": concat("/", [default_, "kmsMasterKeyId"]), "value": "alias/aws/s3"}],
			"a key abroad": [{
				"op": "replace",
				"path": concat("/", [default_, "kmsMasterKeyId"]),
				"value": "arn:aws:kms:us-east-1:123456789012:key/0",
			}],
			"a second configuration that says otherwise": [{"op": "add", "path": "/resources/other", "value": {
				"type": "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
				"inputs": {
					"bucket": cases.unknown,
					"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
				},
				"edges": {"bucket": ["bucket"]},
			}}],
			"no bucket key": [{"op": "replace", "path": "/resources/sse/inputs/rules/0/bucketKeyEnabled", "value": false}],
		},
		# Without the edge to the key, the key is not known to be one's own.
		"expect": {
			"absent": {"/resources/sse/edges/rules": "indeterminate"},
			"null": {"/resources/sse/edges/rules": "indeterminate"},
			"empty": {"/resources/sse/edges/rules": "indeterminate"},
			"unknown": {
				concat("/", [default_, "kmsMasterKeyId"]): "pass",
				"/resources/sse/edges/bucket": "fail",
			},
		},
	},
	"access logs": {
		"subject": "bucket",
		"good": {"resources": {
			"bucket": {"type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "logs", "tags": {"purpose": "logs"}}},
			"lake": {"type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "lake"}},
			"logging": {
				"type": "aws:s3/bucketLogging:BucketLogging",
				"inputs": {"bucket": cases.unknown, "targetBucket": cases.unknown, "targetPrefix": "lake/"},
				"edges": {"bucket": ["lake"], "targetBucket": ["bucket"]},
			},
			"sse": {
				"type": "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
				"inputs": {
					"bucket": cases.unknown,
					"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
				},
				"edges": {"bucket": ["bucket"]},
			},
		}},
		"paths": [
			concat("/", [default_, "sseAlgorithm"]),
			"/resources/bucket/inputs/tags/purpose",
			"/resources/logging/edges/targetBucket",
			"/resources/logging/edges/bucket",
		],
		"bad": {
			"nothing's logs go there": [{"op": "remove", "path": "/resources/logging"}],
			"its own logs only": [{"op": "replace", "path": "/resources/logging/edges/bucket", "value": ["bucket"]}],
			"it is for something else": [{"op": "replace", "path": "/resources/bucket/inputs/tags/purpose", "value": "lake"}],
			"no configuration": [{"op": "remove", "path": "/resources/sse"}],
		},
		"expect": {"unknown": {
			"/resources/bucket/inputs/tags/purpose": "fail",
			"/resources/logging/edges/targetBucket": "fail",
			"/resources/logging/edges/bucket": "fail",
		}},
	},
	"azure": {
		"subject": "account",
		"good": {"resources": {"account": {
			"type": "azure-native:storage/v20250601:StorageAccount",
			"inputs": {
				"kind": "StorageV2",
				"resourceGroupName": "data",
				"sku": {"name": "Standard_ZRS"},
				"encryption": {
					"keySource": "Microsoft.Keyvault",
					"keyVaultProperties": {"keyName": "lake", "keyVaultUri": "https://falaj.vault.azure.net"},
				},
			},
		}}},
		"paths": [
			"/resources/account/inputs/encryption/keySource",
			"/resources/account/inputs/encryption/keyVaultProperties/keyName",
			"/resources/account/inputs/encryption/keyVaultProperties/keyVaultUri",
			"/resources/account/inputs/encryption",
		],
		"bad": {"the service's own key": [{
			"op": "replace",
			"path": "/resources/account/inputs/encryption/keySource",
			"value": "Microsoft.Storage",
		}]},
	},
}

test_good if harness.good("ENC-001", fixtures)

test_bad if harness.bad("ENC-001", fixtures)

test_absent if harness.absent("ENC-001", fixtures)

test_null if harness.null_("ENC-001", fixtures)

test_empty if harness.empty("ENC-001", fixtures)

test_unknown if harness.unknown("ENC-001", fixtures)

test_a_key_that_is_known if {
	key := "arn:aws:kms:me-central-1:123456789012:key/0"
	known := harness.set_to(fixtures.s3, concat("/", [default_, "kmsMasterKeyId"]), key)
	harness.verdict("ENC-001", fixtures.s3, known) == "pass"
}
