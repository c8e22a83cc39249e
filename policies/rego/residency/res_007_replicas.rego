# METADATA
# scope: package
# title: No database has a replica outside the allowed regions
# custom:
#   id: RES-007
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["aws:dynamodb/table:Table", "aws:dynamodb/globalTable:GlobalTable", "aws:dynamodb/tableReplica:TableReplica", "aws:rds/instance:Instance", "aws:rds/cluster:Cluster", "aws:rds/globalCluster:GlobalCluster", "aws:docdb/cluster:Cluster", "aws:docdb/globalCluster:GlobalCluster", "aws:neptune/cluster:Cluster", "aws:neptune/globalCluster:GlobalCluster", "aws:elasticache/replicationGroup:ReplicationGroup", "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup", "aws:memorydb/cluster:Cluster", "aws:memorydb/multiRegionCluster:MultiRegionCluster", "azure-native:cosmosdb:DatabaseAccount"]
#   needs: stack
#   on_unknown: deny
#   controls: [UAE-PDPL 22, UAE-ICT-HEALTH 13, CBUAE-OUTSOURCING 6.1]
#   remediation: Name only allowed regions in `replicas` and `locations`, replicate from a database of this stack or region, and take no part in a global database; other stacks can add regions to one.
#   owner: platform
package falaj.rules.res_007

import data.falaj.place
import data.falaj.subject

# Types whose members can be anywhere, made by anybody: nothing here can say where.
globals := {
	"aws:rds/globalCluster:GlobalCluster",
	"aws:docdb/globalCluster:GlobalCluster",
	"aws:neptune/globalCluster:GlobalCluster",
	"aws:elasticache/globalReplicationGroup:GlobalReplicationGroup",
	"aws:memorydb/multiRegionCluster:MultiRegionCluster",
}

# What each type says of its replicas, by what must hold of it.
said := {
	"aws:dynamodb/table:Table": {"regions": "replicas[].regionName", "region": "globalTableWitness.regionName"},
	"aws:dynamodb/globalTable:GlobalTable": {"regions": "replicas[].regionName"},
	"aws:dynamodb/tableReplica:TableReplica": {"home": "region", "table": "globalTableArn"},
	"aws:rds/instance:Instance": {"source": "replicateSourceDb"},
	"aws:rds/cluster:Cluster": {"source": "replicationSourceIdentifier", "global": "globalClusterIdentifier"},
	"aws:docdb/cluster:Cluster": {"global": "globalClusterIdentifier"},
	"aws:neptune/cluster:Cluster": {"source": "replicationSourceIdentifier", "global": "globalClusterIdentifier"},
	"aws:elasticache/replicationGroup:ReplicationGroup": {"global": "globalReplicationGroupId"},
	"aws:memorydb/cluster:Cluster": {"global": "multiRegionClusterName"},
	"azure-native:cosmosdb:DatabaseAccount": {"locations": "locations[].locationName"},
}

want := {
	"regions": place.regions("aws"),
	"region": sprintf("absent or %s", [place.regions("aws")]),
	"home": place.regions("aws"),
	"table": "a table in an allowed region",
	"source": "absent, or a database of this stack or in an allowed region",
	"global": "absent (other stacks can add regions to a global database)",
	"locations": place.regions("azure"),
}

# A path as it is, or as often as there is something in its list.
paths(inputs, path) := {concat(".", [at, leaf]) | some at, _ in subject.items(list, subject.at(inputs, list))} if {
	[list, leaf] := split(path, "[].")
} else := {path}

# An account without locations may be anywhere.
asked(inputs, "locations", path) := found if {
	found := paths(inputs, path)
	count(found) > 0
} else := {"locations"}

asked(inputs, kind, path) := paths(inputs, path) if kind != "locations"

holds("regions", path, database) if subject.at(database.inputs, path) in input.params.regions.aws

holds("region", path, database) if subject.at(database.inputs, path) in ({null} | {region | some region in input.params.regions.aws})

holds("home", _, replica) if place.home(replica)

holds("table", path, replica) if place.stays(replica, path, ["aws:dynamodb/table:Table"])

sources := ["aws:rds/instance:Instance", "aws:rds/cluster:Cluster", "aws:neptune/cluster:Cluster"]

holds("source", path, database) if place.stays(database, path, sources)

# A name without a region is one of the same region; a cluster takes none.
holds("source", "replicateSourceDb", database) if subject.matches(`^[A-Za-z][A-Za-z0-9-]*$`, subject.at(database.inputs, "replicateSourceDb"))

holds(kind, path, database) if {
	kind in {"source", "global"}
	subject.at(database.inputs, path) == null
}

holds("locations", path, account) if place.normal(subject.at(account.inputs, path)) in input.params.regions.azure

results := object.union_n([
	{urn: verdict |
		some type in globals
		some urn, _ in subject.by_type[type]
		verdict := subject.judge({"type": type}, {"type": "a database of one region"}, set())
	},
	{urn: verdict |
		some type, properties in said
		some urn, database in subject.by_type[type]
		facts := object.union(database.inputs, {"region": place.region(database)})
		kinds := {path: kind | some kind, property in properties; some path in asked(database.inputs, kind, property)}
		wants := {path: want[kind] | some path, kind in kinds}
		right := {path | some path, kind in kinds; holds(kind, path, database)}
		verdict := subject.judge(facts, wants, right)
	},
])
