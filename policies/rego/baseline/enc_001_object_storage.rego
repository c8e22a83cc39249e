# METADATA
# scope: package
# title: Object storage is encrypted with a key of one's own
# custom:
#   id: ENC-001
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:s3/bucket:Bucket", "azure-native:storage:StorageAccount"]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-PDPL 20, UAE-IA T7.4.1, ISO-27001:2022 8.24, GDPR 32, CBUAE-CPS 6.1.1.2]
#   remediation: Give every bucket a BucketServerSideEncryptionConfiguration with `aws:kms`, a key of this stack and `bucketKeyEnabled`; a storage account `encryption.keySource` Microsoft.Keyvault with its key.
#   owner: platform
package falaj.rules.enc_001

import data.falaj.aws
import data.falaj.graph
import data.falaj.subject

wants["aws:s3/bucket:Bucket"] := {
	"algorithm": "aws:kms",
	"key": "a KMS key of this stack or in an allowed region",
	"bucket key": "true",
}

wants["azure-native:storage:StorageAccount"] := {
	"encryption.keySource": "Microsoft.Keyvault",
	"encryption.keyVaultProperties.keyName": "the name of a key",
	"encryption.keyVaultProperties.keyVaultUri": "the vault of the key",
}

configuration_type := "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"

key := "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId"

# What the configurations beside a bucket say of it; with several, each must be right.
facts(urn) := [fact |
	some configuration in graph.pointing(urn, configuration_type, "bucket")
	rule := subject.first(subject.at(configuration.inputs, "rules"))
	fact := {
		"algorithm": subject.at(rule, "applyServerSideEncryptionByDefault.sseAlgorithm"),
		"key": subject.at(rule, "applyServerSideEncryptionByDefault.kmsMasterKeyId"),
		"bucket key": subject.at(rule, "bucketKeyEnabled"),
		"own": count(graph.pointed(configuration, key, ["aws:kms/key:Key"])) > 0,
	}
]

holds("algorithm", fact) if fact.algorithm == "aws:kms"

holds("bucket key", fact) if fact["bucket key"] == true

holds("key", fact) if aws.is_key(fact.key)

holds("key", fact) if {
	subject.is_unknown(fact.key)
	fact.own
}

bucket([]) := subject.judge({}, wants["aws:s3/bucket:Bucket"], set())

bucket(said) := subject.worst([verdict |
	some fact in said
	wanted := wants["aws:s3/bucket:Bucket"]
	right := {name | some name, _ in wanted; holds(name, fact)}
	verdict := subject.judge(fact, wanted, right)
]) if {
	count(said) > 0
}

vault("encryption.keySource", "Microsoft.Keyvault")

vault(path, value) if {
	path in {"encryption.keyVaultProperties.keyName", "encryption.keyVaultProperties.keyVaultUri"}
	subject.named(value)
}

results := object.union_n([
	{urn: verdict |
		some urn, _ in subject.by_type["aws:s3/bucket:Bucket"]
		verdict := bucket(facts(urn))
	},
	{urn: verdict |
		some urn, account in subject.by_type["azure-native:storage:StorageAccount"]
		wanted := wants["azure-native:storage:StorageAccount"]
		right := {path | some path, _ in wanted; vault(path, subject.at(account.inputs, path))}
		verdict := subject.judge(account.inputs, wanted, right)
	},
])
