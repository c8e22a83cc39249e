package falaj_test.enc_002

import data.falaj_test.cases
import data.falaj_test.harness

key := "arn:aws:kms:me-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

url := "https://falaj.vault.azure.net/keys/lake/0123456789abcdef0123456789abcdef"

set_(path, value) := [{"op": "replace", "path": path, "value": value}]

at(property) := concat("/", ["/resources/store/inputs", replace(property, ".", "/")])

# A store of AWS: what its provider needs besides, the property that turns encryption on, and the one of the key.
of_aws(type, needed, on, property) := {
	"subject": "store",
	"good": {"resources": {"store": {"type": type, "inputs": object.union_n([needed, on, nested(property, key)])}}},
	"paths": array.concat([at(property)], [at(path) | some path in switches(on)]),
	"bad": object.union(
		{
			"a key abroad": set_(at(property), replace(key, "me-central-1", "eu-west-1")),
			"the service's own key": set_(at(property), "arn:aws:kms:me-central-1:123456789012:alias/aws/ebs"),
		},
		{"off": set_(at(path), false) | some path in switches(on)},
	),
}

switches(on) := [concat(".", path) | walk(on, [path, value]); value in {true, "true"}]

nested(property, value) := {property: value} if not contains(property, ".")

nested(property, value) := {outer: {inner: value}} if [outer, inner] := split(property, ".")

subnets := {"subnetIds": ["subnet-0123456789abcdef0"]}

disk_set := "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/data/providers/Microsoft.Compute/diskEncryptionSets/lake"

mapping := "/resources/template/inputs/blockDeviceMappings"

fixtures := {
	"volume": of_aws("aws:ebs/volume:Volume", {"availabilityZone": "me-central-1a", "size": 100}, {"encrypted": true}, "kmsKeyId"),
	"snapshot": of_aws("aws:ebs/snapshotCopy:SnapshotCopy", {"sourceRegion": "me-central-1", "sourceSnapshotId": "snap-0123456789abcdef0"}, {"encrypted": true}, "kmsKeyId"),
	"efs": of_aws("aws:efs/fileSystem:FileSystem", {}, {"encrypted": true}, "kmsKeyId"),
	"lustre": of_aws("aws:fsx/lustreFileSystem:LustreFileSystem", {"subnetIds": "subnet-0123456789abcdef0", "deploymentType": "PERSISTENT_2"}, {}, "kmsKeyId"),
	"ontap": of_aws("aws:fsx/ontapFileSystem:OntapFileSystem", object.union(subnets, {"deploymentType": "SINGLE_AZ_1", "preferredSubnetId": "subnet-0123456789abcdef0", "storageCapacity": 1024}), {}, "kmsKeyId"),
	"openzfs": of_aws("aws:fsx/openZfsFileSystem:OpenZfsFileSystem", object.union(subnets, {"deploymentType": "SINGLE_AZ_1", "throughputCapacity": 64}), {}, "kmsKeyId"),
	"windows": of_aws("aws:fsx/windowsFileSystem:WindowsFileSystem", object.union(subnets, {"throughputCapacity": 64}), {}, "kmsKeyId"),
	"instance": of_aws("aws:rds/instance:Instance", {"instanceClass": "db.r7g.large"}, {"storageEncrypted": true}, "kmsKeyId"),
	"cluster": of_aws("aws:rds/cluster:Cluster", {"engine": "aurora-postgresql"}, {"storageEncrypted": true}, "kmsKeyId"),
	"docdb": of_aws("aws:docdb/cluster:Cluster", {}, {"storageEncrypted": true}, "kmsKeyId"),
	"neptune": of_aws("aws:neptune/cluster:Cluster", {}, {"storageEncrypted": true}, "kmsKeyArn"),
	"redshift": of_aws("aws:redshift/cluster:Cluster", {"clusterIdentifier": "dwh", "nodeType": "ra3.large"}, {"encrypted": "true"}, "kmsKeyId"),
	"dynamodb": of_aws("aws:dynamodb/table:Table", {"attributes": [{"name": "id", "type": "S"}], "hashKey": "id"}, {"serverSideEncryption": {"enabled": true}}, "serverSideEncryption.kmsKeyArn"),
	"table replica": of_aws("aws:dynamodb/tableReplica:TableReplica", {"globalTableArn": "arn:aws:dynamodb:me-central-1:123456789012:table/t"}, {}, "kmsKeyArn"),
	"cache": of_aws("aws:elasticache/replicationGroup:ReplicationGroup", {"description": "cache"}, {"atRestEncryptionEnabled": true}, "kmsKeyId"),
	"serverless cache": of_aws("aws:elasticache/serverlessCache:ServerlessCache", {"engine": "valkey"}, {}, "kmsKeyId"),
	"memorydb": of_aws("aws:memorydb/cluster:Cluster", {"aclName": "users", "nodeType": "db.r7g.large"}, {}, "kmsKeyArn"),
	"opensearch": of_aws("aws:opensearch/domain:Domain", {}, {"encryptAtRest": {"enabled": true}}, "encryptAtRest.kmsKeyId"),
	"volume with a key of the stack": {
		"subject": "store",
		"good": {"resources": {
			"key": {"type": "aws:kms/key:Key", "inputs": {"enableKeyRotation": true}},
			"store": {
				"type": "aws:ebs/volume:Volume",
				"inputs": {"availabilityZone": "me-central-1a", "encrypted": true, "kmsKeyId": cases.unknown},
				"edges": {"kmsKeyId": ["key"]},
			},
		}},
		"paths": [at("encrypted"), at("kmsKeyId"), "/resources/store/edges/kmsKeyId"],
		"bad": {"the service's own key": set_(at("kmsKeyId"), "alias/aws/ebs")},
		# Without the edge to the key, the key is not known to be one's own.
		"expect": {
			"absent": {"/resources/store/edges/kmsKeyId": "indeterminate"},
			"null": {"/resources/store/edges/kmsKeyId": "indeterminate"},
			"empty": {"/resources/store/edges/kmsKeyId": "indeterminate"},
			"unknown": {at("kmsKeyId"): "pass"},
		},
	},
	"launch template": {
		"subject": "template",
		"good": {"resources": {"template": {
			"type": "aws:ec2/launchTemplate:LaunchTemplate",
			"inputs": {"namePrefix": "gpu-", "blockDeviceMappings": [
				{"deviceName": "/dev/xvda", "ebs": {"encrypted": "true", "kmsKeyId": key, "volumeSize": 100}},
				{"deviceName": "/dev/sdb", "virtualName": "ephemeral0"},
				{"deviceName": "/dev/sdc", "noDevice": "true"},
			]},
		}}},
		"paths": [concat("", [mapping, path]) | some path in ["", "/0/ebs", "/0/ebs/encrypted", "/0/ebs/kmsKeyId"]],
		"bad": {
			"off": set_(concat("", [mapping, "/0/ebs/encrypted"]), "false"),
			"a second disk": [{"op": "add", "path": concat("", [mapping, "/-"]), "value": {"deviceName": "/dev/sdd", "ebs": {"volumeSize": 10}}}],
			"a disk that says nothing": [{"op": "add", "path": concat("", [mapping, "/-"]), "value": {"deviceName": "/dev/sdd"}}],
			"the machine's own disks alone": [{"op": "remove", "path": concat("", [mapping, "/0"])}],
			"the service's own key": set_(concat("", [mapping, "/0/ebs/kmsKeyId"]), "alias/aws/ebs"),
		},
	},
	"azure disk": {
		"subject": "store",
		"good": {"resources": {
			"set": {
				"type": "azure-native:compute:DiskEncryptionSet",
				"inputs": {"resourceGroupName": "data", "encryptionType": "EncryptionAtRestWithCustomerKey", "activeKey": {"keyUrl": url}},
			},
			"store": {
				"type": "azure-native:compute:Disk",
				"inputs": {
					"creationData": {"createOption": "Empty"},
					"diskSizeGB": 100,
					"resourceGroupName": "data",
					"encryption": {"type": "EncryptionAtRestWithCustomerKey", "diskEncryptionSetId": cases.unknown},
				},
				"edges": {"encryption.diskEncryptionSetId": ["set"]},
			},
		}},
		"paths": [at("encryption"), at("encryption.type"), at("encryption.diskEncryptionSetId"), "/resources/store/edges"],
		"bad": {
			"the platform's key": set_(at("encryption.type"), "EncryptionAtRestWithPlatformKey"),
			"no encryption": [{"op": "remove", "path": at("encryption")}],
			"another thing": set_(at("encryption.diskEncryptionSetId"), replace(disk_set, "diskEncryptionSets", "disks")),
		},
		# Without the edge a set that is not known may be anything; with it, it is one of the stack.
		"expect": {
			"absent": {"/resources/store/edges": "indeterminate"},
			"null": {"/resources/store/edges": "indeterminate"},
			"empty": {"/resources/store/edges": "indeterminate"},
			"unknown": {at("encryption.diskEncryptionSetId"): "pass"},
		},
	},
	"azure disk with a set": {
		"subject": "store",
		"good": {"resources": {"store": {
			"type": "azure-native:compute:Disk",
			"inputs": {
				"creationData": {"createOption": "Empty"},
				"diskSizeGB": 100,
				"resourceGroupName": "data",
				"encryption": {"type": "EncryptionAtRestWithCustomerKey", "diskEncryptionSetId": disk_set},
			},
		}}},
		"paths": [at("encryption.diskEncryptionSetId")],
		"bad": {"another thing": set_(at("encryption.diskEncryptionSetId"), "lake")},
	},
	"azure disk encryption set": {
		"subject": "store",
		"good": {"resources": {"store": {
			"type": "azure-native:compute:DiskEncryptionSet",
			"inputs": {"resourceGroupName": "data", "encryptionType": "EncryptionAtRestWithPlatformAndCustomerKeys", "activeKey": {"keyUrl": url}},
		}}},
		"paths": [at("encryptionType"), at("activeKey"), at("activeKey.keyUrl")],
		"bad": {"no key": set_(at("activeKey.keyUrl"), "https://falaj.vault.azure.net/secrets/lake")},
	},
	"cosmos db": {
		"subject": "store",
		"good": {"resources": {"store": {
			"type": "azure-native:cosmosdb:DatabaseAccount",
			"inputs": {
				"databaseAccountOfferType": "Standard",
				"locations": [{"locationName": "uaenorth"}],
				"resourceGroupName": "data",
				"keyVaultKeyUri": "https://falaj.vault.azure.net/keys/lake",
			},
		}}},
		"paths": [at("keyVaultKeyUri")],
		"bad": {"a vault and no key": set_(at("keyVaultKeyUri"), "https://falaj.vault.azure.net")},
	},
	"azure postgres": {
		"subject": "store",
		"good": {"resources": {"store": {
			"type": "azure-native:dbforpostgresql:Server",
			"inputs": {"resourceGroupName": "data", "dataEncryption": {"type": "AzureKeyVault", "primaryKeyURI": url}},
		}}},
		"paths": [at("dataEncryption"), at("dataEncryption.type"), at("dataEncryption.primaryKeyURI")],
		"bad": {"the service's own key": set_(at("dataEncryption.type"), "SystemManaged")},
	},
}

test_good if harness.good("ENC-002", fixtures)

test_bad if harness.bad("ENC-002", fixtures)

test_absent if harness.absent("ENC-002", fixtures)

test_null if harness.null_("ENC-002", fixtures)

test_empty if harness.empty("ENC-002", fixtures)

test_unknown if harness.unknown("ENC-002", fixtures)
