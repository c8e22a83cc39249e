package falaj_test.res_002

import data.falaj_test.cases
import data.falaj_test.harness

destination := "/resources/replication/inputs/rules/0/destination/bucket"

bucket(name) := {"type": "aws:s3/bucket:Bucket", "inputs": {"bucket": name, "region": "me-central-1"}}

replication(target) := {
	"type": "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
	"inputs": {
		"bucket": "lake",
		"role": "arn:aws:iam::123456789012:role/replication",
		"rules": [{"destination": {"bucket": target}, "status": "Enabled"}],
	},
	"edges": {"rules": ["copy"]},
}

account(sku, location) := {
	"type": "azure-native:storage/v20250601:StorageAccount",
	"inputs": {
		"accountName": "copy",
		"kind": "StorageV2",
		"location": location,
		"resourceGroupName": "data",
		"sku": {"name": sku},
	},
}

fixtures := {
	"s3": {
		"subject": "replication",
		"good": {"resources": {"copy": bucket("copy"), "replication": replication(cases.unknown)}},
		"paths": [
			destination,
			"/resources/replication/inputs/rules",
			"/resources/replication/inputs/rules/0",
			"/resources/replication/edges/rules",
			"/resources/copy/inputs/region",
		],
		"bad": {
			"a bucket of somebody else": [{"op": "replace", "path": destination, "value": "arn:aws:s3:::elsewhere"}],
			"no ARN": [{"op": "replace", "path": destination, "value": "copy"}],
			"a second that leaves": [{"op": "add", "path": "/resources/replication/inputs/rules/-", "value": {
				"destination": {"bucket": "arn:aws:s3:::elsewhere"},
				"status": "Enabled",
			}}],
			"a bucket of this stack abroad": [
				{"op": "replace", "path": destination, "value": "arn:aws:s3:::copy"},
				{"op": "replace", "path": "/resources/copy/inputs/region", "value": "eu-west-1"},
			],
		},
		# Without the edge, or with the bucket abroad, what is not known may be anywhere; with it, it leads nowhere else.
		"expect": {
			"absent": {
				"/resources/replication/edges/rules": "indeterminate",
				"/resources/copy/inputs/region": "indeterminate",
			},
			"null": {
				"/resources/replication/edges/rules": "indeterminate",
				"/resources/copy/inputs/region": "indeterminate",
			},
			"empty": {
				"/resources/replication/edges/rules": "indeterminate",
				"/resources/copy/inputs/region": "indeterminate",
			},
			"unknown": {
				destination: "pass",
				"/resources/replication/inputs/rules": "pass",
				"/resources/replication/inputs/rules/0": "pass",
			},
		},
	},
	"a bucket by its name": {
		"subject": "replication",
		"good": {"resources": {"copy": bucket("copy"), "replication": replication("arn:aws:s3:::copy")}},
		"paths": [destination, "/resources/copy/inputs/bucket", "/resources/copy/inputs/region"],
		"bad": {"another's": [{"op": "replace", "path": destination, "value": "arn:aws:s3:::copy-2"}]},
		# A bucket whose name is not known is not the one named; one that replicates to what is not known may go to it.
		"expect": {"unknown": {
			destination: "pass",
			"/resources/copy/inputs/bucket": "fail",
			"/resources/copy/inputs/region": "fail",
		}},
	},
	"azure": {
		"subject": "account",
		"good": {"resources": {"account": account("Standard_ZRS", "westeurope")}},
		"paths": ["/resources/account/inputs/sku/name", "/resources/account/inputs/sku"],
		"bad": {"to a pair abroad": [{"op": "replace", "path": "/resources/account/inputs/sku/name", "value": "Standard_GRS"}]},
	},
	"azure, in a pair of regions": {
		"subject": "account",
		"good": {"resources": {"account": account("Standard_RAGZRS", "UAE North")}},
		"paths": ["/resources/account/inputs/sku/name", "/resources/account/inputs/location"],
		"bad": {
			"its pair is abroad": [{"op": "replace", "path": "/resources/account/inputs/location", "value": "northeurope"}],
			"its pair is not allowed": [{"op": "add", "path": "/params", "value": {"regions": {"azure": ["uaenorth"]}}}],
		},
	},
	"azure objects": {
		"subject": "policy",
		"good": {"resources": {
			"copy": account("Standard_ZRS", "uaenorth"),
			"policy": {
				"type": "azure-native:storage:ObjectReplicationPolicy",
				"inputs": {
					"accountName": "lake",
					"destinationAccount": cases.unknown,
					"resourceGroupName": "data",
					"sourceAccount": "lake",
				},
				"edges": {"destinationAccount": ["copy"]},
			},
		}},
		"paths": ["/resources/policy/inputs/destinationAccount", "/resources/policy/edges/destinationAccount"],
		"bad": {"an account of somebody else": [{
			"op": "replace",
			"path": "/resources/policy/inputs/destinationAccount",
			"value": "/subscriptions/0/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/elsewhere",
		}]},
		"expect": {
			"absent": {"/resources/policy/edges/destinationAccount": "indeterminate"},
			"null": {"/resources/policy/edges/destinationAccount": "indeterminate"},
			"empty": {"/resources/policy/edges/destinationAccount": "indeterminate"},
			"unknown": {
				"/resources/policy/inputs/destinationAccount": "pass",
				"/resources/policy/edges/destinationAccount": "indeterminate",
			},
		},
	},
}

test_good if harness.good("RES-002", fixtures)

test_bad if harness.bad("RES-002", fixtures)

test_absent if harness.absent("RES-002", fixtures)

test_null if harness.null_("RES-002", fixtures)

test_empty if harness.empty("RES-002", fixtures)

test_unknown if harness.unknown("RES-002", fixtures)

test_an_account_of_this_stack_by_its_name_or_its_id if {
	fixture := fixtures["azure objects"]
	path := "/resources/policy/inputs/destinationAccount"
	some id in ["Copy", "/subscriptions/0/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/copy"]
	harness.verdict("RES-002", fixture, harness.set_to(fixture, path, id)) == "pass"
}

# AWS ends a name that is made from a prefix with 26 digits.
test_a_bucket_named_by_its_prefix if {
	fixture := fixtures["a bucket by its name"]
	prefixed := harness.patched(fixture, [{"op": "replace", "path": "/resources/copy/inputs", "value": {
		"bucketPrefix": "copy-",
		"region": "me-central-1",
	}}])
	named(prefixed, "arn:aws:s3:::copy-20260112093000000000000001") == "pass"
	named(prefixed, "arn:aws:s3:::copy-elsewhere") == "fail"
}

named(good, arn) := harness.verdict(
	"RES-002", fixtures["a bucket by its name"],
	json.patch(good, [{"op": "replace", "path": destination, "value": arn}]),
)
