package falaj_test.res_003

import data.falaj_test.cases
import data.falaj_test.harness

copy := "/resources/plan/inputs/rules/0/copyActions/0/destinationVaultArn"

rule := "/resources/policy/inputs/policyDetails/schedules/0/crossRegionCopyRules/0"

redundancy := "/resources/vault/inputs/properties/redundancySettings"

vault(location, settings) := {
	"type": "azure-native:recoveryservices:Vault",
	"inputs": {
		"location": location,
		"resourceGroupName": "data",
		"sku": {"name": "RS0", "tier": "Standard"},
		"properties": {"redundancySettings": settings},
	},
}

lifecycle(copies) := {
	"type": "aws:dlm/lifecyclePolicy:LifecyclePolicy",
	"inputs": {
		"description": "Daily snapshots",
		"executionRoleArn": "arn:aws:iam::123456789012:role/dlm",
		"policyDetails": {"resourceTypes": ["VOLUME"], "schedules": [{
			"name": "daily",
			"createRule": {"interval": 24},
			"retainRule": {"count": 7},
			"crossRegionCopyRules": [copies],
		}]},
	},
}

fixtures := {
	"aws backup": {
		"subject": "plan",
		"good": {"resources": {
			"vault": {"type": "aws:backup/vault:Vault", "inputs": {"name": "copies", "region": "me-central-1"}},
			"plan": {
				"type": "aws:backup/plan:Plan",
				"inputs": {"name": "daily", "rules": [{
					"ruleName": "daily",
					"targetVaultName": "main",
					"copyActions": [{"destinationVaultArn": cases.unknown}],
				}]},
				"edges": {"rules": ["vault"]},
			},
		}},
		"paths": [copy, "/resources/plan/edges/rules"],
		"bad": {
			"a vault abroad": [{
				"op": "replace",
				"path": copy,
				"value": "arn:aws:backup:eu-west-1:123456789012:backup-vault:copies",
			}],
			"a second copy that leaves": [{"op": "add", "path": "/resources/plan/inputs/rules/0/copyActions/-", "value": {"destinationVaultArn": "arn:aws:backup:eu-west-1:123456789012:backup-vault:copies"}}],
			"an air-gapped vault abroad": [{
				"op": "add",
				"path": "/resources/plan/inputs/rules/0/targetLogicallyAirGappedBackupVaultArn",
				"value": "arn:aws:backup:eu-west-1:123456789012:backup-vault:apart",
			}],
			"no list": [{"op": "replace", "path": "/resources/plan/inputs/rules/0/copyActions", "value": "none"}],
		},
		# Without the edge a vault that is not known may be anywhere.
		"expect": {
			"absent": {"/resources/plan/edges/rules": "indeterminate"},
			"null": {"/resources/plan/edges/rules": "indeterminate"},
			"empty": {"/resources/plan/edges/rules": "indeterminate"},
			"unknown": {copy: "pass"},
		},
	},
	"rds backups": {
		"subject": "backups",
		"good": {"resources": {"backups": {
			"type": "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication",
			"inputs": {
				"region": "me-central-1",
				"sourceDbInstanceArn": "arn:aws:rds:me-central-1:123456789012:db:main",
			},
		}}},
		"paths": ["/resources/backups/inputs/region"],
		"bad": {"to another region": [{"op": "replace", "path": "/resources/backups/inputs/region", "value": "ap-south-1"}]},
	},
	"rds snapshot": {
		"subject": "snapshot",
		"good": {"resources": {"snapshot": {
			"type": "aws:rds/snapshotCopy:SnapshotCopy",
			"inputs": {
				"destinationRegion": "me-central-1",
				"region": "eu-west-1",
				"sourceDbSnapshotIdentifier": "arn:aws:rds:me-central-1:123456789012:snapshot:main",
				"targetDbSnapshotIdentifier": "copy",
			},
		}}},
		"paths": ["/resources/snapshot/inputs/destinationRegion"],
		"bad": {"to another region": [{
			"op": "replace",
			"path": "/resources/snapshot/inputs/destinationRegion",
			"value": "ap-south-1",
		}]},
	},
	"redshift snapshots": {
		"subject": "snapshots",
		"good": {"resources": {"snapshots": {
			"type": "aws:redshift/snapshotCopy:SnapshotCopy",
			"inputs": {"clusterIdentifier": "main", "destinationRegion": "me-central-1", "region": "me-central-1"},
		}}},
		"paths": ["/resources/snapshots/inputs/destinationRegion"],
		"bad": {"to another region": [{
			"op": "replace",
			"path": "/resources/snapshots/inputs/destinationRegion",
			"value": "ap-south-1",
		}]},
	},
	"volumes": {
		"subject": "policy",
		"good": {"resources": {"policy": lifecycle({"encrypted": true, "target": "me-central-1"})}},
		"paths": [concat("/", [rule, "target"])],
		"bad": {
			"to another region": [{"op": "replace", "path": concat("/", [rule, "target"]), "value": "ap-south-1"}],
			"by its other name": [{"op": "add", "path": concat("/", [rule, "targetRegion"]), "value": "ap-south-1"}],
			"of what others share": [{"op": "add", "path": "/resources/policy/inputs/policyDetails/action", "value": {
				"name": "copy",
				"crossRegionCopies": [{"encryptionConfiguration": {"encrypted": true}, "target": "ap-south-1"}],
			}}],
		},
	},
	"azure vault": {
		"subject": "vault",
		"good": {"resources": {"vault": vault("westeurope", {
			"crossRegionRestore": "Disabled",
			"standardTierStorageRedundancy": "ZoneRedundant",
		})}},
		"paths": [
			concat("/", [redundancy, "standardTierStorageRedundancy"]),
			redundancy,
			concat("/", [redundancy, "crossRegionRestore"]),
		],
		"bad": {
			"to a pair abroad": [{
				"op": "replace",
				"path": concat("/", [redundancy, "standardTierStorageRedundancy"]),
				"value": "GeoRedundant",
			}],
			"restores abroad": [{"op": "replace", "path": concat("/", [redundancy, "crossRegionRestore"]), "value": "Enabled"}],
		},
		# A vault restores in its own region only, unless it is told to.
		"expect": {
			"absent": {concat("/", [redundancy, "crossRegionRestore"]): "pass"},
			"null": {concat("/", [redundancy, "crossRegionRestore"]): "pass"},
		},
	},
	"azure vault, in a pair of regions": {
		"subject": "vault",
		"good": {"resources": {"vault": vault("uaecentral", {
			"crossRegionRestore": "Enabled",
			"standardTierStorageRedundancy": "GeoRedundant",
		})}},
		"paths": ["/resources/vault/inputs/location"],
		"bad": {"its pair is abroad": [{"op": "replace", "path": "/resources/vault/inputs/location", "value": "northeurope"}]},
	},
	"azure backup vault": {
		"subject": "vault",
		"good": {"resources": {"vault": {
			"type": "azure-native:dataprotection:BackupVault",
			"inputs": {
				"location": "westeurope",
				"resourceGroupName": "data",
				"properties": {
					"featureSettings": {"crossRegionRestoreSettings": {"state": "Disabled"}},
					"replicatedRegions": ["uaenorth"],
					"storageSettings": [{"datastoreType": "VaultStore", "type": "LocallyRedundant"}],
				},
			},
		}}},
		"paths": [
			"/resources/vault/inputs/properties/storageSettings",
			"/resources/vault/inputs/properties/storageSettings/0/type",
			"/resources/vault/inputs/properties/replicatedRegions/0",
		],
		"bad": {
			"replicated abroad": [{"op": "add", "path": "/resources/vault/inputs/properties/replicatedRegions/-", "value": "westeurope"}],
			"a second store that leaves": [{"op": "add", "path": "/resources/vault/inputs/properties/storageSettings/-", "value": {
				"datastoreType": "ArchiveStore",
				"type": "GeoRedundant",
			}}],
			"restores abroad": [{
				"op": "replace",
				"path": "/resources/vault/inputs/properties/featureSettings/crossRegionRestoreSettings/state",
				"value": "Enabled",
			}],
		},
		# A vault without replicas is replicated nowhere.
		"expect": {"absent": {"/resources/vault/inputs/properties/replicatedRegions/0": "pass"}},
	},
	"azure database": {
		"subject": "server",
		"good": {"resources": {"server": {
			"type": "azure-native:dbforpostgresql:Server",
			"inputs": {
				"backup": {"backupRetentionDays": 30, "geoRedundantBackup": "Disabled"},
				"location": "westeurope",
				"resourceGroupName": "data",
			},
		}}},
		"paths": ["/resources/server/inputs/backup/geoRedundantBackup"],
		"bad": {"to a pair abroad": [{
			"op": "replace",
			"path": "/resources/server/inputs/backup/geoRedundantBackup",
			"value": "Enabled",
		}]},
		# A server keeps its backups in its region, unless it is told not to.
		"expect": {
			"absent": {"/resources/server/inputs/backup/geoRedundantBackup": "pass"},
			"null": {"/resources/server/inputs/backup/geoRedundantBackup": "pass"},
		},
	},
}

test_good if harness.good("RES-003", fixtures)

test_bad if harness.bad("RES-003", fixtures)

test_absent if harness.absent("RES-003", fixtures)

test_null if harness.null_("RES-003", fixtures)

test_empty if harness.empty("RES-003", fixtures)

test_unknown if harness.unknown("RES-003", fixtures)

test_a_plan_without_copies_copies_nothing if {
	plan := harness.patched(fixtures["aws backup"], [{"op": "remove", "path": "/resources/plan/inputs/rules/0/copyActions"}])
	harness.verdict("RES-003", fixtures["aws backup"], plan) == "pass"
}

test_rules_that_are_not_known_may_copy_anywhere if {
	plan := harness.patched(fixtures["aws backup"], [
		{"op": "replace", "path": "/resources/plan/inputs/rules", "value": cases.unknown},
		{"op": "remove", "path": "/resources/plan/edges"},
	])
	harness.verdict("RES-003", fixtures["aws backup"], plan) == "indeterminate"
}

test_a_snapshot_that_names_no_region_stays_in_its_own if {
	fixture := fixtures["rds snapshot"]
	stays := harness.patched(fixture, [
		{"op": "remove", "path": "/resources/snapshot/inputs/destinationRegion"},
		{"op": "replace", "path": "/resources/snapshot/inputs/region", "value": "me-central-1"},
	])
	harness.verdict("RES-003", fixture, stays) == "pass"
}
