# METADATA
# scope: package
# title: Registries keep images as they were pushed, scan them and are not public
# custom:
#   id: IMG-002
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:ecr/repository:Repository", "azure-native:containerregistry:Registry"]
#   on_unknown: defer
#   controls: [UAE-IA T7.7.1, ISO-27001:2022 8.8]
#   remediation: Set `imageTagMutability` IMMUTABLE, `imageScanningConfiguration.scanOnPush` true and `encryptionConfigurations` to KMS with `kmsKey`; of a container registry `adminUserEnabled` and `anonymousPullEnabled` false and `publicNetworkAccess` Disabled.
#   owner: platform
package falaj.rules.img_002

import data.falaj.aws
import data.falaj.graph
import data.falaj.subject

wants["aws:ecr/repository:Repository"] := {
	"imageTagMutability": "IMMUTABLE",
	"imageScanningConfiguration.scanOnPush": "true",
	"encryptionConfigurations[0].encryptionType": "KMS",
	"encryptionConfigurations[0].kmsKey": "a KMS key of this stack or in an allowed region",
}

wants["azure-native:containerregistry:Registry"] := {
	"adminUserEnabled": "false",
	"anonymousPullEnabled": "false",
	"publicNetworkAccess": "Disabled",
}

exact := {
	"imageTagMutability": "IMMUTABLE",
	"imageScanningConfiguration.scanOnPush": true,
	"encryptionConfigurations[0].encryptionType": "KMS",
	"adminUserEnabled": false,
	"anonymousPullEnabled": false,
	"publicNetworkAccess": "Disabled",
}

holds(path, registry) if subject.at(registry.inputs, path) == exact[path]

holds("encryptionConfigurations[0].kmsKey", registry) if {
	aws.is_key(subject.at(registry.inputs, "encryptionConfigurations[0].kmsKey"))
}

holds("encryptionConfigurations[0].kmsKey", registry) if {
	graph.proven(registry, "encryptionConfigurations[0].kmsKey", ["aws:kms/key:Key"])
}

verdict(registry) := subject.judge(registry.inputs, wanted, right) if {
	wanted := wants[subject.kinds[registry.type]]
	right := {path | some path, _ in wanted; holds(path, registry)}
}

results := {urn: verdict(registry) | some urn, registry in subject.of(rego.metadata.chain())}
