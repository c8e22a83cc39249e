package falaj_test.res_006

import data.falaj_test.cases
import data.falaj_test.harness

primary := "arn:aws:kms:eu-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"

replaced(type) := [{
	"op": "replace",
	"path": "/resources/key",
	"value": {"type": type, "inputs": {"primaryKeyArn": primary}},
}]

fixtures := {
	"kms key": {
		"subject": "key",
		"good": {"resources": {"key": {
			"type": "aws:kms/key:Key",
			"inputs": {"description": "lake", "enableKeyRotation": true, "multiRegion": false},
		}}},
		"paths": ["/resources/key/inputs/multiRegion"],
		"bad": {
			"a key of several regions": [{"op": "replace", "path": "/resources/key/inputs/multiRegion", "value": true}],
			"a replica": replaced("aws:kms/replicaKey:ReplicaKey"),
			"a replica of an imported key": replaced("aws:kms/replicaExternalKey:ReplicaExternalKey"),
		},
		# KMS makes keys of one region where nothing is said.
		"expect": {
			"absent": {"/resources/key/inputs/multiRegion": "pass"},
			"null": {"/resources/key/inputs/multiRegion": "pass"},
		},
	},
	"imported key": {
		"subject": "key",
		"good": {"resources": {"key": {"type": "aws:kms/externalKey:ExternalKey", "inputs": {"multiRegion": false}}}},
		"paths": ["/resources/key/inputs/multiRegion"],
		"bad": {"a key of several regions": [{"op": "replace", "path": "/resources/key/inputs/multiRegion", "value": true}]},
		"expect": {
			"absent": {"/resources/key/inputs/multiRegion": "pass"},
			"null": {"/resources/key/inputs/multiRegion": "pass"},
		},
	},
	"vault": {
		"subject": "vault",
		"good": {"resources": {"vault": {
			"type": "azure-native:keyvault:Vault",
			"inputs": {
				"location": "UAE North",
				"resourceGroupName": "data",
				"properties": {"sku": {"family": "A", "name": "premium"}, "tenantId": "00000000-0000-0000-0000-000000000000"},
			},
		}}},
		"paths": ["/resources/vault/inputs/location"],
		"bad": {"abroad": [{"op": "replace", "path": "/resources/vault/inputs/location", "value": "westeurope"}]},
	},
	"vault in a group": {
		"subject": "vault",
		"good": {"resources": {
			"group": {"type": "azure-native:resources:ResourceGroup", "inputs": {"location": "uaenorth"}},
			"vault": {
				"type": "azure-native:keyvault:Vault",
				"inputs": {
					"location": cases.unknown,
					"resourceGroupName": "data",
					"properties": {"sku": {"family": "A", "name": "premium"}, "tenantId": "00000000-0000-0000-0000-000000000000"},
				},
				"edges": {"location": ["group"]},
			},
		}},
		"paths": ["/resources/group/inputs/location", "/resources/vault/edges/location"],
		"bad": {"another location": [{"op": "replace", "path": "/resources/vault/inputs/location", "value": "westeurope"}]},
		# A vault whose group may be anywhere is not known to be here.
		"expect": {
			"absent": {path: "indeterminate" | some path in ["/resources/group/inputs/location", "/resources/vault/edges/location"]},
			"null": {path: "indeterminate" | some path in ["/resources/group/inputs/location", "/resources/vault/edges/location"]},
			"empty": {path: "indeterminate" | some path in ["/resources/group/inputs/location", "/resources/vault/edges/location"]},
		},
	},
	"managed hsm": {
		"subject": "hsm",
		"good": {"resources": {"hsm": {
			"type": "azure-native:keyvault:ManagedHsm",
			"inputs": {
				"location": "uaenorth",
				"resourceGroupName": "data",
				"sku": {"family": "B", "name": "Standard_B1"},
				"properties": {"regions": [{"name": "uaecentral"}]},
			},
		}}},
		"paths": ["/resources/hsm/inputs/location", "/resources/hsm/inputs/properties/regions/0/name"],
		"bad": {
			"a second region abroad": [{"op": "add", "path": "/resources/hsm/inputs/properties/regions/-", "value": {"name": "eastus"}}],
			"no list": [{"op": "replace", "path": "/resources/hsm/inputs/properties/regions", "value": "uaecentral"}],
			"abroad": [{"op": "replace", "path": "/resources/hsm/inputs/location", "value": "eastus"}],
		},
	},
}

test_good if harness.good("RES-006", fixtures)

test_bad if harness.bad("RES-006", fixtures)

test_absent if harness.absent("RES-006", fixtures)

test_null if harness.null_("RES-006", fixtures)

test_empty if harness.empty("RES-006", fixtures)

test_unknown if harness.unknown("RES-006", fixtures)

test_regions_that_are_not_known if {
	good := fixtures["managed hsm"].good
	hsm := json.patch(good, [{"op": "replace", "path": "/resources/hsm/inputs/properties/regions", "value": cases.unknown}])
	harness.verdict("RES-006", {"subject": "hsm"}, hsm) == "indeterminate"
}
