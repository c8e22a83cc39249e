package falaj_test.res_007

import data.falaj_test.cases
import data.falaj_test.harness

abroad := "arn:aws:rds:eu-west-1:123456789012:db:main"

set_(path, value) := [{"op": "replace", "path": path, "value": value}]

add(path, value) := [{"op": "add", "path": path, "value": value}]

# What has a part in a global database.
member(type, inputs, property, global) := {
	"subject": "cluster",
	"good": {"resources": {"cluster": {"type": type, "inputs": object.union(inputs, {property: null})}}},
	"paths": [concat("", ["/resources/cluster/inputs/", property])],
	"bad": {
		"part of a global database": set_(concat("", ["/resources/cluster/inputs/", property]), "world"),
		"a global database itself": set_("/resources/cluster", {"type": global, "inputs": {}}),
	},
	"expect": {
		"absent": {concat("", ["/resources/cluster/inputs/", property]): "pass"},
		"null": {concat("", ["/resources/cluster/inputs/", property]): "pass"},
	},
}

fixtures := {
	"dynamodb": {
		"subject": "table",
		"good": {"resources": {"table": {
			"type": "aws:dynamodb/table:Table",
			"inputs": {
				"attributes": [{"name": "id", "type": "S"}],
				"hashKey": "id",
				"replicas": [{"regionName": "me-central-1"}],
				"globalTableWitness": {"regionName": "me-central-1"},
			},
		}}},
		"paths": ["/resources/table/inputs/replicas/0/regionName"],
		"bad": {
			"a replica abroad": add("/resources/table/inputs/replicas/-", {"regionName": "eu-west-1"}),
			"no list": set_("/resources/table/inputs/replicas", "me-central-1"),
			"a witness abroad": set_("/resources/table/inputs/globalTableWitness/regionName", "eu-west-1"),
		},
	},
	"old global table": {
		"subject": "table",
		"good": {"resources": {"table": {
			"type": "aws:dynamodb/globalTable:GlobalTable",
			"inputs": {"replicas": [{"regionName": "me-central-1"}]},
		}}},
		"paths": ["/resources/table/inputs/replicas/0/regionName"],
		"bad": {"a replica abroad": add("/resources/table/inputs/replicas/-", {"regionName": "eu-west-1"})},
	},
	"replica of a table": {
		"subject": "replica",
		"good": {"resources": {
			"table": {
				"type": "aws:dynamodb/table:Table",
				"inputs": {"attributes": [{"name": "id", "type": "S"}], "hashKey": "id", "region": "me-central-1"},
			},
			"replica": {
				"type": "aws:dynamodb/tableReplica:TableReplica",
				"inputs": {"globalTableArn": cases.unknown, "region": "me-central-1"},
				"edges": {"globalTableArn": ["table"]},
			},
		}},
		"paths": ["/resources/replica/inputs/globalTableArn", "/resources/replica/inputs/region", "/resources/replica/edges/globalTableArn"],
		"bad": {
			"abroad": set_("/resources/replica/inputs/region", "eu-west-1"),
			"of a table abroad": set_("/resources/replica/inputs/globalTableArn", "arn:aws:dynamodb:eu-west-1:123456789012:table/t"),
		},
		"expect": {
			"absent": {"/resources/replica/edges/globalTableArn": "indeterminate"},
			"null": {"/resources/replica/edges/globalTableArn": "indeterminate"},
			"empty": {"/resources/replica/edges/globalTableArn": "indeterminate"},
			"unknown": {"/resources/replica/inputs/globalTableArn": "pass"},
		},
	},
	"replica of an instance": {
		"subject": "replica",
		"good": {"resources": {
			"main": {"type": "aws:rds/instance:Instance", "inputs": {"instanceClass": "db.r7g.large", "region": "me-central-1"}},
			"replica": {
				"type": "aws:rds/instance:Instance",
				"inputs": {"instanceClass": "db.r7g.large", "replicateSourceDb": cases.unknown},
				"edges": {"replicateSourceDb": ["main"]},
			},
		}},
		"paths": ["/resources/main/inputs/region", "/resources/replica/edges/replicateSourceDb"],
		"bad": {
			"of one abroad": set_("/resources/replica/inputs/replicateSourceDb", abroad),
			"of one without a name": set_("/resources/replica/inputs/replicateSourceDb", ""),
			"of something else": set_("/resources/replica/inputs/replicateSourceDb", {"db": "main"}),
		},
		# A database of this stack that may be anywhere proves nothing.
		"expect": {case: {path: "indeterminate" | some path in ["/resources/main/inputs/region", "/resources/replica/edges/replicateSourceDb"]} |
			some case in ["absent", "null", "empty"]
		},
	},
	"replica of a cluster": {
		"subject": "cluster",
		"good": {"resources": {"cluster": {
			"type": "aws:rds/cluster:Cluster",
			"inputs": {
				"engine": "aurora-postgresql",
				"replicationSourceIdentifier": "arn:aws:rds:me-central-1:123456789012:cluster:main",
			},
		}}},
		"paths": ["/resources/cluster/inputs/replicationSourceIdentifier"],
		"bad": {"of one abroad": set_("/resources/cluster/inputs/replicationSourceIdentifier", abroad)},
		# Without it the cluster is no replica.
		"expect": {case: {"/resources/cluster/inputs/replicationSourceIdentifier": "pass"} | some case in ["absent", "null"]},
	},
	"aurora": member("aws:rds/cluster:Cluster", {"engine": "aurora-mysql"}, "globalClusterIdentifier", "aws:rds/globalCluster:GlobalCluster"),
	"docdb": member("aws:docdb/cluster:Cluster", {}, "globalClusterIdentifier", "aws:docdb/globalCluster:GlobalCluster"),
	"neptune": member("aws:neptune/cluster:Cluster", {}, "globalClusterIdentifier", "aws:neptune/globalCluster:GlobalCluster"),
	"elasticache": member("aws:elasticache/replicationGroup:ReplicationGroup", {"description": "cache"}, "globalReplicationGroupId", "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup"),
	"memorydb": member("aws:memorydb/cluster:Cluster", {"aclName": "users", "nodeType": "db.r7g.large"}, "multiRegionClusterName", "aws:memorydb/multiRegionCluster:MultiRegionCluster"),
	"cosmos db": {
		"subject": "account",
		"good": {"resources": {"account": {
			"type": "azure-native:cosmosdb:DatabaseAccount",
			"inputs": {
				"databaseAccountOfferType": "Standard",
				"locations": [{"locationName": "UAE North", "failoverPriority": 0}],
				"resourceGroupName": "data",
			},
		}}},
		"paths": ["/resources/account/inputs/locations", "/resources/account/inputs/locations/0/locationName"],
		"bad": {"a location abroad": add("/resources/account/inputs/locations/-", {"locationName": "westeurope"})},
	},
}

test_good if harness.good("RES-007", fixtures)

test_bad if harness.bad("RES-007", fixtures)

test_absent if harness.absent("RES-007", fixtures)

test_null if harness.null_("RES-007", fixtures)

test_empty if harness.empty("RES-007", fixtures)

test_unknown if harness.unknown("RES-007", fixtures)

judged(patch) := harness.verdict("RES-007", fixtures.dynamodb, json.patch(fixtures.dynamodb.good, patch))

test_a_table_without_replicas_has_none_abroad if {
	judged([{"op": "remove", "path": "/resources/table/inputs/replicas"}]) == "pass"
	judged(set_("/resources/table/inputs/replicas", [])) == "pass"
	judged([{"op": "remove", "path": "/resources/table/inputs/globalTableWitness"}]) == "pass"
}

test_replicas_that_are_not_known if judged(set_("/resources/table/inputs/replicas", cases.unknown)) == "indeterminate"

test_a_replica_of_the_same_region if {
	fixture := fixtures["replica of an instance"]
	harness.verdict("RES-007", fixture, json.patch(fixture.good, set_("/resources/replica/inputs/replicateSourceDb", "main"))) == "pass"
}
