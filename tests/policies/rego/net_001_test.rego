package falaj_test.net_001

import data.falaj_test.cases
import data.falaj_test.harness

inputs := "/resources/block/inputs"

properties := ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"]

everybody := "http://acs.amazonaws.com/groups/global/AllUsers"

beside(name, type, given) := [{
	"op": "add",
	"path": concat("/", ["/resources", name]),
	"value": {"type": type, "inputs": object.union({"bucket": cases.unknown}, given), "edges": {"bucket": ["bucket"]}},
}]

acl(given) := beside("acl", "aws:s3/bucketAcl:BucketAcl", given)

fixtures := {
	"bucket": {
		"subject": "bucket",
		"good": {"resources": {
			"bucket": {"type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "lake"}},
			"block": {
				"type": "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
				"inputs": {
					"bucket": cases.unknown,
					"blockPublicAcls": true,
					"blockPublicPolicy": true,
					"ignorePublicAcls": true,
					"restrictPublicBuckets": true,
				},
				"edges": {"bucket": ["bucket"]},
			},
		}},
		"paths": array.concat(["/resources/block/edges/bucket"], [concat("/", [inputs, property]) | some property in properties]),
		"bad": object.union(
			{concat(" ", [property, "off"]): [{"op": "replace", "path": concat("/", [inputs, property]), "value": false}] |
				some property in properties
			},
			{
				"no block": [{"op": "remove", "path": "/resources/block"}],
				"a second block that is open": beside("second", "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", {"blockPublicAcls": false}),
				"a public ACL": acl({"acl": "public-read"}),
				"an ACL for whoever has an account at AWS": acl({"acl": "authenticated-read"}),
				"a grant to everybody": acl({"accessControlPolicy": {
					"owner": {"id": "0123456789abcdef"},
					"grants": [{"permission": "READ", "grantee": {"type": "Group", "uri": everybody}}],
				}}),
				"a public ACL of its own": [{"op": "add", "path": "/resources/bucket/inputs/acl", "value": "public-read-write"}],
				"a grant of its own to everybody": [{
					"op": "add",
					"path": "/resources/bucket/inputs/grants",
					"value": [{"type": "Group", "permissions": ["READ"], "uri": everybody}],
				}],
			},
		),
		# The block is then another bucket's.
		"expect": {"unknown": {"/resources/block/edges/bucket": "fail"}},
	},
	"bucket with ACL": {
		"subject": "bucket",
		"good": {"resources": {
			"bucket": {"type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "logs", "grants": [{
				"type": "Group",
				"permissions": ["WRITE"],
				"uri": "http://acs.amazonaws.com/groups/s3/LogDelivery",
			}]}},
			"acl": {
				"type": "aws:s3/bucketAcl:BucketAcl",
				"inputs": {"bucket": cases.unknown, "acl": "log-delivery-write"},
				"edges": {"bucket": ["bucket"]},
			},
			"block": {
				"type": "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
				"inputs": {
					"bucket": cases.unknown,
					"blockPublicAcls": true,
					"blockPublicPolicy": true,
					"ignorePublicAcls": true,
					"restrictPublicBuckets": true,
				},
				"edges": {"bucket": ["bucket"]},
			},
		}},
		"paths": ["/resources/acl/inputs/acl", "/resources/bucket/inputs/grants/0/uri"],
		"bad": {"a public ACL": [{"op": "replace", "path": "/resources/acl/inputs/acl", "value": "public-read"}]},
		# Without an ACL a bucket is private, and a grant without a group is to one account.
		"expect": {
			"absent": {"/resources/acl/inputs/acl": "pass", "/resources/bucket/inputs/grants/0/uri": "pass"},
			"null": {"/resources/acl/inputs/acl": "pass", "/resources/bucket/inputs/grants/0/uri": "pass"},
		},
	},
	"account": {
		"subject": "account",
		"good": {"resources": {"account": {
			"type": "azure-native:storage:StorageAccount",
			"inputs": {
				"kind": "StorageV2",
				"resourceGroupName": "data",
				"sku": {"name": "Standard_ZRS"},
				"allowBlobPublicAccess": false,
				"publicNetworkAccess": "Disabled",
			},
		}}},
		"paths": ["/resources/account/inputs/allowBlobPublicAccess", "/resources/account/inputs/publicNetworkAccess"],
		"bad": {
			"public blobs": [{"op": "replace", "path": "/resources/account/inputs/allowBlobPublicAccess", "value": true}],
			"open to every network": [{"op": "replace", "path": "/resources/account/inputs/publicNetworkAccess", "value": "Enabled"}],
		},
	},
}

test_good if harness.good("NET-001", fixtures)

test_bad if harness.bad("NET-001", fixtures)

test_absent if harness.absent("NET-001", fixtures)

test_null if harness.null_("NET-001", fixtures)

test_empty if harness.empty("NET-001", fixtures)

test_unknown if harness.unknown("NET-001", fixtures)
