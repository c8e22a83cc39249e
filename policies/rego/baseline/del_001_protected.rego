# METADATA
# scope: package
# title: What holds data cannot be deleted by accident
# custom:
#   id: DEL-001
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:s3/bucket:Bucket", "aws:rds/instance:Instance", "aws:rds/cluster:Cluster", "aws:dynamodb/table:Table", "aws:efs/fileSystem:FileSystem", "aws:fsx/lustreFileSystem:LustreFileSystem", "aws:ebs/volume:Volume", "aws:kms/key:Key", "aws:backup/vault:Vault", "aws:ecr/repository:Repository", "aws:cloudtrail/trail:Trail", "aws:elasticache/replicationGroup:ReplicationGroup", "azure-native:storage:StorageAccount", "azure-native:keyvault:Vault", "azure-native:compute:Disk", "azure-native:dbforpostgresql:Server", "azure-native:cosmosdb:DatabaseAccount", "azure-native:recoveryservices:Vault", "azure-native:containerregistry:Registry", "kubernetes:core:PersistentVolumeClaim", "kubernetes:core:Namespace", "falaj:local:ObjectStore", "falaj:local:KeyRing", "falaj:local:TrackingServer"]
#   on_unknown: defer
#   controls: [UAE-IA T3.5.1, ISO-27001:2022 8.13]
#   remediation: Give the resource `opts=ResourceOptions(protect=True)` in production; of a database set `deletionProtection` true and leave `skipFinalSnapshot` false, of a table `deletionProtectionEnabled` true; leave a bucket's or vault's `forceDestroy` and a repository's `forceDelete` false.
#   owner: platform
package falaj.rules.del_001

import data.falaj.subject

# What the provider itself refuses to delete. Nothing is forced, and a last snapshot is taken, where nothing is said.
own := {
	"aws:s3/bucket:Bucket": {"forceDestroy": {false, null}},
	"aws:backup/vault:Vault": {"forceDestroy": {false, null}},
	"aws:ecr/repository:Repository": {"forceDelete": {false, null}},
	"aws:rds/instance:Instance": {"deletionProtection": {true}, "skipFinalSnapshot": {false, null}},
	"aws:rds/cluster:Cluster": {"deletionProtection": {true}, "skipFinalSnapshot": {false, null}},
	"aws:dynamodb/table:Table": {"deletionProtectionEnabled": {true}},
}

# Pulumi's own protection is for production, where nothing comes and goes.
protected := {} if object.get(input, ["stack", "profile"], "prod") == "dev"

else := {"options.protect": {true}}

words(allowed) := concat(" or ", [sprintf("%v", [value]) | some value in allowed; value != null])

said(resource, "options.protect") := subject.at(resource, "options.protect")

said(resource, path) := subject.at(resource.inputs, path) if path != "options.protect"

results := {urn: verdict |
	some urn, resource in subject.of(rego.metadata.chain())
	asked := object.union(object.get(own, subject.kinds[resource.type], {}), protected)
	values := {path: said(resource, path) | some path, _ in asked}
	wants := {path: words(allowed) | some path, allowed in asked}
	right := {path | some path, allowed in asked; values[path] in allowed}
	verdict := subject.judge(values, wants, right)
}
