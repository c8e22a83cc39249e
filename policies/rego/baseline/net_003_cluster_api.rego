# METADATA
# scope: package
# title: A cluster's API is private
# custom:
#   id: NET-003
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["aws:eks/cluster:Cluster", "azure-native:containerservice:ManagedCluster"]
#   on_unknown: deny
#   controls: [UAE-IA T5.4.2, UAE-IA T4.5.1, ISO-27001:2022 8.20]
#   remediation: Set EKS `vpcConfig.endpointPublicAccess` to false and `endpointPrivateAccess` to true, or name your networks in `publicAccessCidrs`; set AKS `apiServerAccessProfile.enablePrivateCluster` to true, or name them in `authorizedIPRanges`.
#   owner: platform
package falaj.rules.net_003

import data.falaj.subject

unknown := {"$unknown": true}

networks := "networks of one's own, none wider than /8 (or the API private)"

# What is asked of a cluster's API: to be private or, where it is not, to be open to known networks only.
wants["aws:eks/cluster:Cluster"] := {
	"private": {"vpcConfig.endpointPublicAccess": "false", "vpcConfig.endpointPrivateAccess": "true"},
	"public": {"vpcConfig.publicAccessCidrs": networks},
}

wants["azure-native:containerservice:ManagedCluster"] := {
	"private": {"apiServerAccessProfile.enablePrivateCluster": "true"},
	"public": {"apiServerAccessProfile.authorizedIPRanges": networks},
}

private["vpcConfig.endpointPublicAccess"] := false

private["vpcConfig.endpointPrivateAccess"] := true

private["apiServerAccessProfile.enablePrivateCluster"] := true

# The property that decides; both clouds' own default is a public API.
decides := {
	"aws:eks/cluster:Cluster": "vpcConfig.endpointPublicAccess",
	"azure-native:containerservice:ManagedCluster": "apiServerAccessProfile.enablePrivateCluster",
}

kind(path, value) := "private" if value in {private[path], unknown}

else := "public"

holds(path, value) if value == private[path]

holds(path, ranges) if {
	not path in object.keys(private)
	is_array(ranges)
	count(ranges) > 0
	every range in ranges {
		narrow(range)
	}
}

narrow(range) if subject.is_narrow(range)

# AKS takes addresses, too.
narrow(address) if {
	is_string(address)
	net.cidr_is_valid(concat("", [address, "/32"]))
}

results := {urn: verdict |
	some type, path in decides
	some urn, cluster in subject.by_type[type]
	wanted := wants[type][kind(path, subject.at(cluster.inputs, path))]
	right := {path | some path, _ in wanted; holds(path, subject.at(cluster.inputs, path))}
	verdict := subject.judge(cluster.inputs, wanted, right)
}
