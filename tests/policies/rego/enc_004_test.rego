package falaj_test.enc_004

import data.falaj_test.cases
import data.falaj_test.harness

key := "/resources/key/inputs"

set_(path, value) := [{"op": "replace", "path": path, "value": value}]

policy := "/resources/key/inputs/properties/rotationPolicy"

rotate := concat("", [policy, "/lifetimeActions/1"])

trigger(given) := set_(concat("", [rotate, "/trigger"]), given)

in_vault := "/resources/vault/inputs/properties"

protection := {"enableSoftDelete": true, "enablePurgeProtection": true, "softDeleteRetentionInDays": 90}

protected(good) := {
	"subject": "vault",
	"good": good,
	"paths": [concat("/", [in_vault, property]) | some property in ["enableSoftDelete", "enablePurgeProtection", "softDeleteRetentionInDays"]],
	"bad": {
		"purged at will": set_(concat("/", [in_vault, "enablePurgeProtection"]), false),
		"deleted at once": set_(concat("/", [in_vault, "enableSoftDelete"]), false),
		"kept for a week": set_(concat("/", [in_vault, "softDeleteRetentionInDays"]), 7),
		"no shortest wait": set_("/params/key_deletion_days_min", null),
	},
	# Azure deletes softly where nothing is said.
	"expect": {
		"absent": {concat("/", [in_vault, "enableSoftDelete"]): "pass"},
		"null": {concat("/", [in_vault, "enableSoftDelete"]): "pass"},
	},
}

limits := {"params": {"key_rotation_days_max": 365, "key_deletion_days_min": 30}}

fixtures := {
	"kms key": {
		"subject": "key",
		"good": object.union(limits, {"resources": {"key": {
			"type": "aws:kms/key:Key",
			"inputs": {"enableKeyRotation": true, "rotationPeriodInDays": 180, "deletionWindowInDays": 30, "customerMasterKeySpec": "SYMMETRIC_DEFAULT"},
		}}}),
		"paths": [concat("/", [key, property]) | some property in ["enableKeyRotation", "rotationPeriodInDays", "deletionWindowInDays"]],
		"bad": {
			"never": set_(concat("/", [key, "enableKeyRotation"]), false),
			"seldom": set_(concat("/", [key, "rotationPeriodInDays"]), 366),
			"gone in a week": set_(concat("/", [key, "deletionWindowInDays"]), 7),
			"no longest period": set_("/params/key_rotation_days_max", null),
			"no shortest wait": set_("/params/key_deletion_days_min", null),
		},
		# KMS waits 30 days where nothing is said.
		"expect": {
			"absent": {concat("/", [key, "deletionWindowInDays"]): "pass"},
			"null": {concat("/", [key, "deletionWindowInDays"]): "pass"},
		},
	},
	"signing key": {
		"subject": "key",
		"good": {"resources": {"key": {
			"type": "aws:kms/key:Key",
			"inputs": {"customerMasterKeySpec": "ECC_NIST_P256", "keyUsage": "SIGN_VERIFY", "deletionWindowInDays": 30},
		}}},
		"paths": [concat("/", [key, "customerMasterKeySpec"])],
		"bad": {
			"gone in a week": set_(concat("/", [key, "deletionWindowInDays"]), 7),
			"a key that could be rotated": set_(concat("/", [key, "customerMasterKeySpec"]), "SYMMETRIC_DEFAULT"),
		},
		# Of what may be a symmetric key, nothing says that it is rotated.
		"expect": {"unknown": {concat("/", [key, "customerMasterKeySpec"]): "fail"}},
	},
	"imported key": {
		"subject": "key",
		"good": {"resources": {"key": {"type": "aws:kms/externalKey:ExternalKey", "inputs": {"deletionWindowInDays": 30}}}},
		"paths": [concat("/", [key, "deletionWindowInDays"])],
		"bad": {"gone in a week": set_(concat("/", [key, "deletionWindowInDays"]), 7)},
		"expect": {
			"absent": {concat("/", [key, "deletionWindowInDays"]): "pass"},
			"null": {concat("/", [key, "deletionWindowInDays"]): "pass"},
		},
	},
	"vault key": {
		"subject": "key",
		"good": object.union(limits, {"resources": {"key": {
			"type": "azure-native:keyvault:Key",
			"inputs": {
				"resourceGroupName": "data",
				"vaultName": "falaj",
				"properties": {"kty": "RSA", "rotationPolicy": {
					"attributes": {"expiryTime": "P2Y"},
					"lifetimeActions": [
						{"action": {"type": "notify"}, "trigger": {"timeBeforeExpiry": "P30D"}},
						{"action": {"type": "rotate"}, "trigger": {"timeAfterCreate": "P6M", "timeBeforeExpiry": null}},
					],
				}},
			},
		}}}),
		"paths": [
			policy,
			concat("", [policy, "/lifetimeActions"]),
			rotate,
			concat("", [rotate, "/action/type"]),
			concat("", [rotate, "/trigger"]),
			concat("", [rotate, "/trigger/timeAfterCreate"]),
		],
		"bad": {
			"no policy": [{"op": "remove", "path": policy}],
			"a word only": [{"op": "remove", "path": rotate}],
			"seldom": trigger({"timeAfterCreate": "P1Y1D"}),
			"long before it expires, and yet seldom": trigger({"timeBeforeExpiry": "P300D"}),
			"no days": trigger({"timeAfterCreate": "P0D"}),
			"nothing of a duration": trigger({"timeAfterCreate": "P"}),
			"hours": trigger({"timeAfterCreate": "PT1H"}),
			"after it has expired": trigger({"timeBeforeExpiry": "P3Y"}),
			"no longest period": set_("/params/key_rotation_days_max", null),
		},
	},
	"vault": protected(object.union(limits, {"resources": {"vault": {
		"type": "azure-native:keyvault:Vault",
		"inputs": {
			"location": "uaenorth",
			"resourceGroupName": "data",
			"properties": object.union(protection, {"sku": {"family": "A", "name": "premium"}, "tenantId": "00000000-0000-0000-0000-000000000000"}),
		},
	}}})),
	"managed hsm": protected(object.union(limits, {"resources": {"vault": {
		"type": "azure-native:keyvault:ManagedHsm",
		"inputs": {
			"location": "uaenorth",
			"resourceGroupName": "data",
			"sku": {"family": "B", "name": "Standard_B1"},
			"properties": protection,
		},
	}}})),
}

test_good if harness.good("ENC-004", fixtures)

test_bad if harness.bad("ENC-004", fixtures)

test_absent if harness.absent("ENC-004", fixtures)

test_null if harness.null_("ENC-004", fixtures)

test_empty if harness.empty("ENC-004", fixtures)

test_unknown if harness.unknown("ENC-004", fixtures)

rotated(given) := harness.verdict("ENC-004", fixtures["vault key"], json.patch(fixtures["vault key"].good, trigger(given)))

test_durations if {
	rotated({"timeAfterCreate": "P1Y"}) == "pass"
	rotated({"timeAfterCreate": "P12M"}) == "pass"
	rotated({"timeAfterCreate": "P11M4W2D"}) == "pass"
	rotated({"timeBeforeExpiry": "P1Y"}) == "pass"
	rotated({"timeBeforeExpiry": cases.unknown}) == "indeterminate"
}
