# METADATA
# scope: package
# title: Registries and their replicas are in allowed regions
# custom:
#   id: RES-004
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:ecr/replicationConfiguration:ReplicationConfiguration", "azure-native:containerregistry:Registry", "azure-native:containerregistry:Replication"]
#   on_unknown: deny
#   controls: [UAE-PDPL 22, ISO-27001:2022 5.21, UAE-IA T6.3.1]
#   remediation: Remove the destination from `replicationConfiguration.rules` or set its `region` to an allowed one; set `location` of a registry or of its Replication.
#   owner: platform
package falaj.rules.res_004

import data.falaj.place
import data.falaj.subject

# Without rules nothing is replicated.
results := object.union_n([
	{urn: verdict |
		some urn, replication in subject.by_type["aws:ecr/replicationConfiguration:ReplicationConfiguration"]
		wants := {path: place.regions("aws") |
			some path in place.nested(replication.inputs, "replicationConfiguration.rules", "destinations", "region")
		}
		right := {path | some path, _ in wants; subject.at(replication.inputs, path) in input.params.regions.aws}
		verdict := subject.judge(replication.inputs, wants, right)
	},
	{urn: verdict |
		some type in {"azure-native:containerregistry:Registry", "azure-native:containerregistry:Replication"}
		some urn, registry in subject.by_type[type]
		wants := {"location": place.regions("azure")}
		right := {"location" | place.home(registry)}
		verdict := subject.judge({"location": place.location(registry)}, wants, right)
	},
])
