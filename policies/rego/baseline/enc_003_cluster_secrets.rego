# METADATA
# scope: package
# title: Secrets of a cluster are encrypted with a key of one's own
# custom:
#   id: ENC-003
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:eks/cluster:Cluster", "azure-native:containerservice:ManagedCluster"]
#   on_unknown: defer
#   controls: [UAE-IA T7.4.2, ISO-27001:2022 8.24, UAE-PDPL 20]
#   remediation: Set `encryptionConfig` of an EKS cluster to `resources` secrets with `provider.keyArn`, a KMS key; of an AKS cluster `securityProfile.azureKeyVaultKms` to `enabled` with a `keyId`.
#   owner: platform
package falaj.rules.enc_003

import data.falaj.aws
import data.falaj.graph
import data.falaj.subject

wants["aws:eks/cluster:Cluster"] := {
	"encryptionConfig.resources": "secrets",
	"encryptionConfig.provider.keyArn": "the ARN of a KMS key of this stack or in an allowed region",
}

wants["azure-native:containerservice:ManagedCluster"] := {
	"securityProfile.azureKeyVaultKms.enabled": "true",
	"securityProfile.azureKeyVaultKms.keyId": "the URL of a version of a key in a vault",
}

keys := ["aws:kms/key:Key", "aws:kms/externalKey:ExternalKey", "azure-native:keyvault:Key"]

holds("encryptionConfig.resources", resources) if {
	is_array(resources)
	"secrets" in resources
}

holds("encryptionConfig.provider.keyArn", arn) if aws.is_key(arn)

holds("securityProfile.azureKeyVaultKms.enabled", true)

holds("securityProfile.azureKeyVaultKms.keyId", id) if subject.matches(`^https://[a-z0-9.-]+/keys/[A-Za-z0-9-]+/[0-9a-f]+$`, id)

results := {urn: verdict |
	some type, wanted in wants
	some urn, cluster in subject.by_type[type]
	right := {path | some path, _ in wanted; holds(path, subject.at(cluster.inputs, path))} | {path |
		some path, _ in wanted
		graph.proven(cluster, path, keys)
	}
	verdict := subject.judge(cluster.inputs, wanted, right)
}
