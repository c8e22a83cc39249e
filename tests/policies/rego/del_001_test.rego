package falaj_test.del_001

import data.falaj_test.harness

on := {"options": {"protect": true, "ignore_changes": [], "aliases": []}}

# {name: fixture} of one resource whose own properties and protection matter.
one(type, inputs, own, bad, defaults) := {
	"subject": "data",
	"good": {"stack": harness.stack, "resources": {"data": object.union(on, {"type": type, "inputs": inputs})}},
	"paths": array.concat(["/resources/data/options/protect", "/resources/data/options"], [concat("", ["/resources/data/inputs/", path]) | some path in own]),
	"bad": object.union(
		{"not protected": [{"op": "replace", "path": "/resources/data/options/protect", "value": false}]},
		{path: [{"op": "replace", "path": concat("", ["/resources/data/inputs/", path]), "value": value}] | some path, value in bad},
	),
	# Nothing is forced, and a last snapshot is taken, where nothing is said.
	"expect": {case: {concat("", ["/resources/data/inputs/", path]): "pass" | some path in defaults} | some case in ["absent", "null"]},
}

database := {"instanceClass": "db.m7g.large", "deletionProtection": true, "skipFinalSnapshot": false, "finalSnapshotIdentifier": "last"}

fixtures := {
	"bucket": one("aws:s3/bucket:Bucket", {"forceDestroy": false}, ["forceDestroy"], {"forceDestroy": true}, ["forceDestroy"]),
	"instance": one(
		"aws:rds/instance:Instance",
		database,
		["deletionProtection", "skipFinalSnapshot"],
		{"deletionProtection": false, "skipFinalSnapshot": true},
		["skipFinalSnapshot"],
	),
	"cluster": one(
		"aws:rds/cluster:Cluster",
		{"engine": "aurora-postgresql", "deletionProtection": true, "skipFinalSnapshot": false},
		["deletionProtection"],
		{"deletionProtection": false, "skipFinalSnapshot": true},
		[],
	),
	"table": one("aws:dynamodb/table:Table", {"deletionProtectionEnabled": true}, ["deletionProtectionEnabled"], {"deletionProtectionEnabled": false}, []),
	"files": one("aws:efs/fileSystem:FileSystem", {"encrypted": true}, [], {}, []),
	"key": one("aws:kms/key:Key", {"enableKeyRotation": true}, [], {}, []),
	"vault": one("azure-native:keyvault/v20250501:Vault", {"resourceGroupName": "data", "properties": {"tenantId": "00000000-0000-4000-8000-000000000000", "sku": {"family": "A", "name": "premium"}}}, [], {}, []),
	"local": one("falaj:local:ObjectStore", {"path": "/s/store", "key_ring": "/s/keys/key_ring.json", "encryption": "AES-256-GCM"}, [], {}, []),
}

test_good if harness.good("DEL-001", fixtures)

test_bad if harness.bad("DEL-001", fixtures)

test_absent if harness.absent("DEL-001", fixtures)

test_null if harness.null_("DEL-001", fixtures)

test_empty if harness.empty("DEL-001", fixtures)

test_unknown if harness.unknown("DEL-001", fixtures)

development(name) := object.union(json.remove(fixtures[name].good, ["/resources/data/options/protect"]), {"stack": {"profile": "dev"}})

# In development a database protects itself, and nothing else has to.
test_development if {
	harness.verdict("DEL-001", fixtures.key, development("key")) == "pass"
	harness.verdict("DEL-001", fixtures.table, development("table")) == "pass"
	open := json.remove(development("table"), ["/resources/data/inputs/deletionProtectionEnabled"])
	harness.verdict("DEL-001", fixtures.table, open) == "fail"
}

# The rule is about what DEL-002 asks approval for.
test_types if {
	every kind in data.falaj.stateful.types {
		document := harness.document({"resources": {"data": {"type": kind, "inputs": {}}}})
		results := harness.results("DEL-001") with input as document
		results.data.result == "fail"
	}
}
