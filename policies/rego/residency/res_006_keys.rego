# METADATA
# scope: package
# title: Keys are of one region, an allowed one
# custom:
#   id: RES-006
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:kms/key:Key", "aws:kms/externalKey:ExternalKey", "aws:kms/replicaKey:ReplicaKey", "aws:kms/replicaExternalKey:ReplicaExternalKey", "azure-native:keyvault:Vault", "azure-native:keyvault:ManagedHsm"]
#   on_unknown: deny
#   controls: [UAE-PDPL 20, UAE-PDPL 22, UAE-IA T7.4.2, ISO-27001:2022 8.24]
#   remediation: Leave `multiRegion` out (or false) and make a Key of its own in each region, no replica; set `location` of a vault, and each of `properties.regions` of a managed HSM, to an allowed one.
#   owner: platform
package falaj.rules.res_006

import data.falaj.place
import data.falaj.subject

# A key without `multiRegion` is of one region.
# There is no replica but of a key of several regions.
results := object.union_n([
	{urn: verdict |
		some type in {"aws:kms/key:Key", "aws:kms/externalKey:ExternalKey"}
		some urn, key in subject.by_type[type]
		wants := {"multiRegion": "false"}
		right := {path | some path, _ in wants; subject.at(key.inputs, path) in {false, null}}
		verdict := subject.judge(key.inputs, wants, right)
	},
	{urn: verdict |
		some type in {"aws:kms/replicaKey:ReplicaKey", "aws:kms/replicaExternalKey:ReplicaExternalKey"}
		some urn, _ in subject.by_type[type]
		verdict := subject.judge({"type": type}, {"type": "aws:kms/key:Key, a key of one region"}, set())
	},
	{urn: verdict |
		some type in {"azure-native:keyvault:Vault", "azure-native:keyvault:ManagedHsm"}
		some urn, vault in subject.by_type[type]
		wants := {path: place.regions("azure") | some path in ({"location"} | copies(vault))}
		right := {path | some path, _ in wants; holds(path, vault)}
		verdict := subject.judge(object.union(vault.inputs, {"location": place.location(vault)}), wants, right)
	},
])

# Where else a managed HSM is.
copies(hsm) := {concat(".", [region, "name"]) |
	some region, _ in subject.items("properties.regions", subject.at(hsm.inputs, "properties.regions"))
}

holds("location", vault) if place.home(vault)

holds(path, hsm) if {
	path != "location"
	place.normal(subject.at(hsm.inputs, path)) in input.params.regions.azure
}
