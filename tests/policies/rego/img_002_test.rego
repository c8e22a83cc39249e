package falaj_test.img_002

import data.falaj_test.cases
import data.falaj_test.harness

images := "/resources/images/inputs"

encryption := concat("/", [images, "encryptionConfigurations"])

fixtures := {
	"ecr": {
		"subject": "images",
		"good": {"resources": {
			"images": {
				"type": "aws:ecr/repository:Repository",
				"inputs": {
					"name": "ray",
					"imageTagMutability": "IMMUTABLE",
					"imageScanningConfiguration": {"scanOnPush": true},
					"encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": cases.unknown}],
				},
				"edges": {"encryptionConfigurations": ["key"]},
			},
			"key": {"type": "aws:kms/key:Key", "inputs": {"enableKeyRotation": true}},
		}},
		"paths": [
			concat("/", [images, "imageTagMutability"]),
			concat("/", [images, "imageScanningConfiguration"]),
			concat("/", [images, "imageScanningConfiguration/scanOnPush"]),
			encryption,
			concat("/", [encryption, "0"]),
			concat("/", [encryption, "0/encryptionType"]),
			concat("/", [encryption, "0/kmsKey"]),
			"/resources/images/edges/encryptionConfigurations",
		],
		"bad": {
			"tags that move": [{"op": "replace", "path": concat("/", [images, "imageTagMutability"]), "value": "MUTABLE"}],
			"tags that move, some of them": [{
				"op": "replace",
				"path": concat("/", [images, "imageTagMutability"]),
				"value": "IMMUTABLE_WITH_EXCLUSION",
			}],
			"not scanned": [{
				"op": "replace",
				"path": concat("/", [images, "imageScanningConfiguration/scanOnPush"]),
				"value": false,
			}],
			"the service's own encryption": [{"op": "replace", "path": encryption, "value": [{"encryptionType": "AES256"}]}],
			"the service's own key": [{"op": "remove", "path": concat("/", [encryption, "0/kmsKey"])}],
			"a key abroad": [{
				"op": "replace",
				"path": concat("/", [encryption, "0/kmsKey"]),
				"value": "arn:aws:kms:eu-west-1:123456789012:key/0",
			}],
		},
		# Without the edge to the key, the key is not known to be one's own.
		"expect": {
			"absent": {"/resources/images/edges/encryptionConfigurations": "indeterminate"},
			"null": {"/resources/images/edges/encryptionConfigurations": "indeterminate"},
			"empty": {"/resources/images/edges/encryptionConfigurations": "indeterminate"},
			"unknown": {concat("/", [encryption, "0/kmsKey"]): "pass"},
		},
	},
	"ecr, applied": {
		"subject": "images",
		"good": {"resources": {"images": {
			"type": "aws:ecr/repository:Repository",
			"inputs": {
				"imageTagMutability": "IMMUTABLE",
				"imageScanningConfiguration": {"scanOnPush": true},
				"encryptionConfigurations": [{
					"encryptionType": "KMS",
					"kmsKey": "arn:aws:kms:me-central-1:123456789012:key/0",
				}],
			},
		}}},
		"paths": [concat("/", [encryption, "0/kmsKey"])],
		"bad": {"no encryption": [{"op": "remove", "path": encryption}]},
	},
	"acr": {
		"subject": "images",
		"good": {"resources": {"images": {
			"type": "azure-native:containerregistry:Registry",
			"inputs": {
				"resourceGroupName": "region",
				"registryName": "falaj",
				"sku": {"name": "Premium"},
				"adminUserEnabled": false,
				"anonymousPullEnabled": false,
				"publicNetworkAccess": "Disabled",
			},
		}}},
		"paths": [
			concat("/", [images, "adminUserEnabled"]),
			concat("/", [images, "anonymousPullEnabled"]),
			concat("/", [images, "publicNetworkAccess"]),
		],
		"bad": {
			"a user for all": [{"op": "replace", "path": concat("/", [images, "adminUserEnabled"]), "value": true}],
			"anybody pulls": [{"op": "replace", "path": concat("/", [images, "anonymousPullEnabled"]), "value": true}],
			"on the internet": [{"op": "replace", "path": concat("/", [images, "publicNetworkAccess"]), "value": "Enabled"}],
		},
	},
}

test_good if harness.good("IMG-002", fixtures)

test_bad if harness.bad("IMG-002", fixtures)

test_absent if harness.absent("IMG-002", fixtures)

test_null if harness.null_("IMG-002", fixtures)

test_empty if harness.empty("IMG-002", fixtures)

test_unknown if harness.unknown("IMG-002", fixtures)
