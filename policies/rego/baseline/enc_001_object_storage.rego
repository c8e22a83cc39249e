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

key := "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId"

# What is said of a bucket in the configuration beside it; one of several that is wrong makes it wrong.
facts(urn) := {
	"algorithm": subject.at(rule, "applyServerSideEncryptionByDefault.sseAlgorithm"),
	"key": subject.at(rule, "applyServerSideEncryptionByDefault.kmsMasterKeyId"),
	"bucket key": subject.at(rule, "bucketKeyEnabled"),
	"own": own,
} if {
	some configuration in graph.pointing(urn, "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "bucket")
	rule := subject.first(subject.at(configuration.inputs, "rules"))
	own := count(graph.pointed(configuration, key, ["aws:kms/key:Key"])) > 0
} else := {}

holds("algorithm", bucket) if bucket.algorithm == "aws:kms"

holds("bucket key", bucket) if bucket["bucket key"] == true

holds("key", bucket) if aws.is_key(bucket.key)

holds("key", bucket) if {
	subject.is_unknown(bucket.key)
	bucket.own
}

results[urn] := subject.judge(bucket, wanted, right) if {
	some urn, _ in subject.by_type["aws:s3/bucket:Bucket"]
	bucket := facts(urn)
	wanted := wants["aws:s3/bucket:Bucket"]
	right := {fact | some fact, _ in wanted; holds(fact, bucket)}
}

vault("encryption.keySource", "Microsoft.Keyvault")

vault(path, value) if {
	path in {"encryption.keyVaultProperties.keyName", "encryption.keyVaultProperties.keyVaultUri"}
	subject.named(value)
}

results[urn] := subject.judge(account.inputs, wanted, right) if {
	some urn, account in subject.by_type["azure-native:storage:StorageAccount"]
	wanted := wants["azure-native:storage:StorageAccount"]
	right := {path | some path, _ in wanted; vault(path, subject.at(account.inputs, path))}
}
