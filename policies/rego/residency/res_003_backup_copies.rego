# METADATA
# scope: package
# title: Backups and their copies stay in the allowed regions
# custom:
#   id: RES-003
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["aws:backup/plan:Plan", "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication", "aws:rds/snapshotCopy:SnapshotCopy", "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy", "aws:redshift/snapshotCopy:SnapshotCopy", "aws:dlm/lifecyclePolicy:LifecyclePolicy", "azure-native:recoveryservices:Vault", "azure-native:dataprotection:BackupVault", "azure-native:dbforpostgresql:Server"]
#   needs: stack
#   on_unknown: deny
#   controls: [UAE-PDPL 22, UAE-ICT-HEALTH 13, CBUAE-OUTSOURCING 6.1, UAE-IA T3.5.1, ISO-27001:2022 8.13]
#   remediation: Set `copyActions[].destinationVaultArn` to a vault in an allowed region, a region that is copied to to an allowed one, `redundancySettings` of an Azure vault to LocallyRedundant or ZoneRedundant with `crossRegionRestore` Disabled.
#   owner: platform
package falaj.rules.res_003

import data.falaj.place
import data.falaj.subject

vaults := ["aws:backup/vault:Vault", "aws:backup/logicallyAirGappedVault:LogicallyAirGappedVault"]

# A plan without copies copies nothing.
vault_paths(plan) := place.nested(plan.inputs, "rules", "copyActions", "destinationVaultArn") | {path |
	some rule, _ in subject.items("rules", subject.at(plan.inputs, "rules"))
	path := concat(".", [rule, "targetLogicallyAirGappedBackupVaultArn"])
	subject.at(plan.inputs, path) != null
}

copies := {
	"aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication",
	"aws:rds/snapshotCopy:SnapshotCopy",
	"aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy",
	"aws:redshift/snapshotCopy:SnapshotCopy",
}

# The region that a resource copies to: Redshift must name it, a snapshot of RDS may; else it is the copy's own.
target(copy) := {"destinationRegion": named} if {
	named := subject.at(copy.inputs, "destinationRegion")
	named != null
} else := {"destinationRegion": null} if startswith(copy.type, "aws:redshift/")

else := {"region": place.region(copy)}

schedules := "policyDetails.schedules"

# Of a rule's two names for it, the one that is used.
rule_targets(inputs) := {path |
	some path in place.nested(inputs, schedules, "crossRegionCopyRules", "targetRegion")
	subject.at(inputs, path) != null
} | {path |
	some path in place.nested(inputs, schedules, "crossRegionCopyRules", "target")
	subject.at(inputs, concat("", [path, "Region"])) == null
}

# What keeps backups in the region, and what copies them to the one that Azure pairs with it. Absent, servers and
# restores stay; a vault does not.
redundancy := {"local": {"LocallyRedundant", "ZoneRedundant"}, "geo": {"GeoRedundant"}}

switch := {"local": {"Disabled", null}, "geo": {"Enabled"}}

settings("azure-native:recoveryservices:Vault", _) := {
	"properties.redundancySettings.standardTierStorageRedundancy": redundancy,
	"properties.redundancySettings.crossRegionRestore": switch,
}

settings("azure-native:dataprotection:BackupVault", vault) := object.union_n([
	{"properties.storageSettings[0].type": redundancy},
	{"properties.featureSettings.crossRegionRestoreSettings.state": switch},
	{concat(".", [at, "type"]): redundancy | some at in listed(vault, "properties.storageSettings")},
	{at: allowed | some at in listed(vault, "properties.replicatedRegions")},
])

listed(vault, path) := object.keys(subject.items(path, subject.at(vault.inputs, path)))

allowed := {"local": {region | some region in input.params.regions.azure}, "geo": set()}

settings("azure-native:dbforpostgresql:Server", _) := {"backup.geoRedundantBackup": switch}

wants_azure(said, found) := object.union(
	{path: words(setting.local) | some path, setting in said; not subject.at(found, path) in setting.geo},
	{"location": "a region whose pair is allowed too (or its backups not geo-redundant)" |
		some path, setting in said
		subject.at(found, path) in setting.geo
	},
)

words(values) := concat(" or ", values - {null})

results := object.union_n([
	{urn: verdict |
		some urn, plan in subject.by_type["aws:backup/plan:Plan"]
		wants := {path: "a vault in an allowed region" | some path in vault_paths(plan)}
		right := {path | some path, _ in wants; place.stays(plan, path, vaults)}
		verdict := subject.judge(plan.inputs, wants, right)
	},
	{urn: verdict |
		some type in copies
		some urn, copy in subject.by_type[type]
		facts := target(copy)
		wants := {path: place.regions("aws") | some path, _ in facts}
		right := {path | some path, region in facts; region in input.params.regions.aws}
		verdict := subject.judge(facts, wants, right)
	},
	{urn: verdict |
		some urn, policy in subject.by_type["aws:dlm/lifecyclePolicy:LifecyclePolicy"]
		paths := rule_targets(policy.inputs) | place.nested(policy.inputs, "policyDetails.action", "crossRegionCopies", "target")
		wants := {path: place.regions("aws") | some path in paths}
		right := {path | some path in paths; subject.at(policy.inputs, path) in input.params.regions.aws}
		verdict := subject.judge(policy.inputs, wants, right)
	},
	{urn: verdict |
		some type in {"azure-native:recoveryservices:Vault", "azure-native:dataprotection:BackupVault", "azure-native:dbforpostgresql:Server"}
		some urn, keeper in subject.by_type[type]
		facts := object.union(keeper.inputs, {"location": place.location(keeper)})
		said := settings(type, keeper)
		wants := wants_azure(said, facts)
		right := {"location" | place.paired(keeper)} | {path | some path, setting in said; subject.at(facts, path) in setting.local}
		verdict := subject.judge(facts, wants, right)
	},
])
