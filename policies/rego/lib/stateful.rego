# Types that hold data nobody can make again.
package falaj.stateful

import data.falaj.subject

types := {
	"aws:s3/bucket:Bucket",
	"aws:rds/instance:Instance",
	"aws:rds/cluster:Cluster",
	"aws:dynamodb/table:Table",
	"aws:efs/fileSystem:FileSystem",
	"aws:fsx/lustreFileSystem:LustreFileSystem",
	"aws:ebs/volume:Volume",
	"aws:kms/key:Key",
	"aws:backup/vault:Vault",
	"aws:ecr/repository:Repository",
	"aws:cloudtrail/trail:Trail",
	"aws:elasticache/replicationGroup:ReplicationGroup",
	"azure-native:storage:StorageAccount",
	"azure-native:keyvault:Vault",
	"azure-native:compute:Disk",
	"azure-native:dbforpostgresql:Server",
	"azure-native:cosmosdb:DatabaseAccount",
	"azure-native:recoveryservices:Vault",
	"azure-native:containerregistry:Registry",
	"kubernetes:core:PersistentVolumeClaim",
	"kubernetes:core:Namespace",
	"falaj:local:ObjectStore",
	"falaj:local:KeyRing",
	"falaj:local:TrackingServer",
}

is(type) if subject.kinds[type] in types
