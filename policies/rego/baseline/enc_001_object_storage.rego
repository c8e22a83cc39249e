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
#   remediation: Give every bucket a BucketServerSideEncryptionConfiguration with `aws:kms`, a key of this stack and `bucketKeyEnabled` (AES256 of the bucket with the tag `purpose` logs that other buckets' access logs go to); a storage account `encryption.keySource` Microsoft.Keyvault with its key.
#   owner: platform
package falaj.rules.enc_001

import data.falaj.aws
import data.falaj.graph
import data.falaj.subject
import data.falaj.tags

wants["aws:s3/bucket:Bucket"] := {
	"algorithm": "aws:kms",
	"key": "a KMS key of this stack or in an allowed region",
	"bucket key": "true",
}

# S3 delivers access logs into no bucket that seals with a key of KMS (S3 User Guide, "Enabling Amazon S3 server access
# logging"). They say who asked for what and hold no objects.
wants["logs"] := {"algorithm": "AES256 (it gets other buckets' access logs), or aws:kms"}

wanted_of(urn) := wants.logs if delivered(urn)

else := wants["aws:s3/bucket:Bucket"]

delivered(urn) if {
	tags.of(input.resources[urn]).tags.purpose == "logs"
	some logging in graph.pointing(urn, "aws:s3/bucketLogging:BucketLogging", "targetBucket")
	count(object.keys(graph.pointed(logging, "bucket", ["aws:s3/bucket:Bucket"])) - {urn}) > 0
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

bucket(urn, []) := subject.judge({}, wanted_of(urn), set())

bucket(urn, said) := subject.worst([verdict |
	some fact in said
	wanted := wanted_of(urn)
	right := {name | some name, _ in wanted; holds(name, fact)} | {"algorithm" | fact.algorithm == "AES256"; delivered(urn)}
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
		verdict := bucket(urn, facts(urn))
	},
	{urn: verdict |
		some urn, account in subject.by_type["azure-native:storage:StorageAccount"]
		wanted := wants["azure-native:storage:StorageAccount"]
		right := {path | some path, _ in wanted; vault(path, subject.at(account.inputs, path))}
		verdict := subject.judge(account.inputs, wanted, right)
	},
])
