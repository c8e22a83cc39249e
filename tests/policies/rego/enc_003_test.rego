package falaj_test.enc_003

import data.falaj_test.cases
import data.falaj_test.harness

arn := "arn:aws:kms:me-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

config := "/resources/cluster/inputs/encryptionConfig"

kms := "/resources/cluster/inputs/securityProfile/azureKeyVaultKms"

eks(key) := {
	"type": "aws:eks/cluster:Cluster",
	"inputs": {
		"roleArn": "arn:aws:iam::123456789012:role/eks",
		"vpcConfig": {"subnetIds": ["subnet-0123456789abcdef0"]},
		"encryptionConfig": {"provider": {"keyArn": key}, "resources": ["secrets"]},
	},
}

aks(key) := {
	"type": "azure-native:containerservice:ManagedCluster",
	"inputs": {
		"dnsPrefix": "falaj",
		"resourceGroupName": "ray",
		"securityProfile": {"azureKeyVaultKms": {"enabled": true, "keyId": key}},
	},
}

# Without the edge to the key, the key is not known to be one's own.
edge_matters(edge, path) := {
	"absent": {edge: "indeterminate"},
	"null": {edge: "indeterminate"},
	"empty": {edge: "indeterminate"},
	"unknown": {path: "pass"},
}

fixtures := {
	"eks": {
		"subject": "cluster",
		"good": {"resources": {"cluster": eks(arn)}},
		"paths": [config, concat("", [config, "/provider"]), concat("", [config, "/provider/keyArn"]), concat("", [config, "/resources"]), concat("", [config, "/resources/0"])],
		"bad": {
			"none": [{"op": "remove", "path": config}],
			"a key abroad": [{"op": "replace", "path": concat("", [config, "/provider/keyArn"]), "value": replace(arn, "me-central-1", "eu-west-1")}],
			"something else": [{"op": "replace", "path": concat("", [config, "/resources/0"]), "value": "configmaps"}],
		},
	},
	"eks with a key of the stack": {
		"subject": "cluster",
		"good": {"resources": {
			"key": {"type": "aws:kms/key:Key", "inputs": {"enableKeyRotation": true}},
			"cluster": object.union(eks(cases.unknown), {"edges": {"encryptionConfig.provider.keyArn": ["key"]}}),
		}},
		"paths": [concat("", [config, "/provider/keyArn"]), "/resources/cluster/edges"],
		"bad": {"the service's own key": [{"op": "replace", "path": concat("", [config, "/provider/keyArn"]), "value": "alias/aws/eks"}]},
		"expect": edge_matters("/resources/cluster/edges", concat("", [config, "/provider/keyArn"])),
	},
	"aks": {
		"subject": "cluster",
		"good": {"resources": {"cluster": aks("https://falaj.vault.azure.net/keys/etcd/0123456789abcdef0123456789abcdef")}},
		"paths": [kms, concat("", [kms, "/enabled"]), concat("", [kms, "/keyId"])],
		"bad": {
			"off": [{"op": "replace", "path": concat("", [kms, "/enabled"]), "value": false}],
			"a key without a version": [{"op": "replace", "path": concat("", [kms, "/keyId"]), "value": "https://falaj.vault.azure.net/keys/etcd"}],
		},
	},
	"aks with a key of the stack": {
		"subject": "cluster",
		"good": {"resources": {
			"key": {
				"type": "azure-native:keyvault:Key",
				"inputs": {"resourceGroupName": "ray", "vaultName": "falaj", "properties": {"kty": "RSA"}},
			},
			"cluster": object.union(aks(cases.unknown), {"edges": {"securityProfile.azureKeyVaultKms.keyId": ["key"]}}),
		}},
		"paths": [concat("", [kms, "/keyId"]), "/resources/cluster/edges"],
		"bad": {"off": [{"op": "replace", "path": concat("", [kms, "/enabled"]), "value": false}]},
		"expect": edge_matters("/resources/cluster/edges", concat("", [kms, "/keyId"])),
	},
}

test_good if harness.good("ENC-003", fixtures)

test_bad if harness.bad("ENC-003", fixtures)

test_absent if harness.absent("ENC-003", fixtures)

test_null if harness.null_("ENC-003", fixtures)

test_empty if harness.empty("ENC-003", fixtures)

test_unknown if harness.unknown("ENC-003", fixtures)
