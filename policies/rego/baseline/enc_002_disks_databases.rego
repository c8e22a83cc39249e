# METADATA
# scope: package
# title: Disks, file systems, databases and caches are encrypted with a key of one's own
# custom:
#   id: ENC-002
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:ebs/volume:Volume", "aws:ebs/snapshotCopy:SnapshotCopy", "aws:ec2/launchTemplate:LaunchTemplate", "aws:efs/fileSystem:FileSystem", "aws:fsx/lustreFileSystem:LustreFileSystem", "aws:fsx/ontapFileSystem:OntapFileSystem", "aws:fsx/openZfsFileSystem:OpenZfsFileSystem", "aws:fsx/windowsFileSystem:WindowsFileSystem", "aws:rds/instance:Instance", "aws:rds/cluster:Cluster", "aws:docdb/cluster:Cluster", "aws:neptune/cluster:Cluster", "aws:redshift/cluster:Cluster", "aws:dynamodb/table:Table", "aws:dynamodb/tableReplica:TableReplica", "aws:elasticache/replicationGroup:ReplicationGroup", "aws:elasticache/serverlessCache:ServerlessCache", "aws:memorydb/cluster:Cluster", "aws:opensearch/domain:Domain", "azure-native:compute:Disk", "azure-native:compute:DiskEncryptionSet", "azure-native:cosmosdb:DatabaseAccount", "azure-native:dbforpostgresql:Server"]
#   on_unknown: defer
#   controls: [UAE-PDPL 20, UAE-IA T7.4.1, ISO-27001:2022 8.24, GDPR 32]
#   remediation: Set `encrypted` (`storageEncrypted`, `atRestEncryptionEnabled`, `serverSideEncryption.enabled`) to true and `kmsKeyId` (`kmsKeyArn`) to the ARN of a KMS key of this stack; in a launch template in `ebs` of every block device; of an Azure disk `encryption` with a `diskEncryptionSetId`.
#   owner: platform
package falaj.rules.enc_002

import data.falaj.aws
import data.falaj.azure
import data.falaj.graph
import data.falaj.subject

volume := {"encrypted": "on", "kmsKeyId": "key"}

# FSx and serverless caches always encrypt; only the key is a choice.
keyed := {"kmsKeyId": "key"}

database := {"storageEncrypted": "on", "kmsKeyId": "key"}

stores := {
	"aws:ebs/volume:Volume": volume,
	"aws:ebs/snapshotCopy:SnapshotCopy": volume,
	"aws:efs/fileSystem:FileSystem": volume,
	"aws:fsx/lustreFileSystem:LustreFileSystem": keyed,
	"aws:fsx/ontapFileSystem:OntapFileSystem": keyed,
	"aws:fsx/openZfsFileSystem:OpenZfsFileSystem": keyed,
	"aws:fsx/windowsFileSystem:WindowsFileSystem": keyed,
	"aws:rds/instance:Instance": database,
	"aws:rds/cluster:Cluster": database,
	"aws:docdb/cluster:Cluster": database,
	"aws:neptune/cluster:Cluster": {"storageEncrypted": "on", "kmsKeyArn": "key"},
	"aws:redshift/cluster:Cluster": volume,
	"aws:dynamodb/table:Table": {"serverSideEncryption.enabled": "on", "serverSideEncryption.kmsKeyArn": "key"},
	"aws:dynamodb/tableReplica:TableReplica": {"kmsKeyArn": "key"},
	"aws:elasticache/replicationGroup:ReplicationGroup": {"atRestEncryptionEnabled": "on", "kmsKeyId": "key"},
	"aws:elasticache/serverlessCache:ServerlessCache": keyed,
	"aws:memorydb/cluster:Cluster": {"kmsKeyArn": "key"},
	"aws:opensearch/domain:Domain": {"encryptAtRest.enabled": "on", "encryptAtRest.kmsKeyId": "key"},
	"azure-native:compute:Disk": {"encryption.type": "customer", "encryption.diskEncryptionSetId": "set"},
	"azure-native:compute:DiskEncryptionSet": {"encryptionType": "customer", "activeKey.keyUrl": "url"},
	"azure-native:cosmosdb:DatabaseAccount": {"keyVaultKeyUri": "url"},
	"azure-native:dbforpostgresql:Server": {"dataEncryption.type": "vault", "dataEncryption.primaryKeyURI": "url"},
}

want := {
	"on": "true",
	"key": "the ARN of a KMS key of this stack or in an allowed region",
	"customer": concat(" or ", customer),
	"set": "the ID of a disk encryption set",
	"url": "the URL of a key in a vault",
	"vault": "AzureKeyVault",
}

customer := {"EncryptionAtRestWithCustomerKey", "EncryptionAtRestWithPlatformAndCustomerKeys", "ConfidentialVmEncryptedWithCustomerKey"}

# Some types have a text for it.
holds("on", path, store) if subject.at(store.inputs, path) in {true, "true"}

holds("key", path, store) if aws.is_key(subject.at(store.inputs, path))

holds("customer", path, store) if subject.at(store.inputs, path) in customer

holds("set", path, store) if azure.is_id(subject.at(store.inputs, path), "Microsoft.Compute/diskEncryptionSets")

holds("url", path, store) if subject.matches(`^https://[a-z0-9.-]+(:443)?/keys/[A-Za-z0-9-]+(/[0-9a-f]+)?$`, subject.at(store.inputs, path))

holds("vault", path, store) if subject.at(store.inputs, path) == "AzureKeyVault"

holds(kind, path, store) if graph.proven(store, path, makers[kind])

makers := {
	"key": ["aws:kms/key:Key", "aws:kms/externalKey:ExternalKey"],
	"set": ["azure-native:compute:DiskEncryptionSet"],
	"url": ["azure-native:keyvault:Key"],
}

# What a template says of its disks; one that says nothing takes those of its image as they are.
disks(template) := found if {
	found := {disk |
		some disk, device in subject.items("blockDeviceMappings", subject.at(template.inputs, "blockDeviceMappings"))
		not diskless(device)
	}
	count(found) > 0
} else := {"blockDeviceMappings[0]"}

# Disks of the machine itself, and those of the image that are left out.
diskless(device) if {
	subject.at(device, "ebs") == null
	some property in {"virtualName", "noDevice"}
	subject.named(device[property])
}

results := object.union_n([
	{urn: verdict |
		some type, kinds in stores
		some urn, store in subject.by_type[type]
		wants := {path: want[kind] | some path, kind in kinds}
		right := {path | some path, kind in kinds; holds(kind, path, store)}
		verdict := subject.judge(store.inputs, wants, right)
	},
	{urn: verdict |
		some urn, template in subject.by_type["aws:ec2/launchTemplate:LaunchTemplate"]
		kinds := {concat(".ebs.", [disk, property]): kind | some disk in disks(template); some property, kind in volume}
		wants := {path: want[kind] | some path, kind in kinds}
		right := {path | some path, kind in kinds; holds(kind, path, template)}
		verdict := subject.judge(template.inputs, wants, right)
	},
])
