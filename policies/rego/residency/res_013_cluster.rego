# METADATA
# scope: package
# title: The cluster that a stack is put onto is in an allowed place
# custom:
#   id: RES-013
#   severity: critical
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["pulumi:providers:kubernetes"]
#   on_unknown: defer
#   controls: [UAE-PDPL 22, GDPR 44, ISO-27001:2022 5.31]
#   remediation: Set `clusterIdentifier` of the Kubernetes provider to the cluster's ARN in an allowed region, or to its API server's `https://` address below one of `hosts` in the stack's policy (`falaj:cluster.server`).
#   owner: platform
package falaj.rules.res_013

import data.falaj.place
import data.falaj.subject

want := sprintf("an ARN in %s, the https:// address of an API server at an allowed host, or a cluster of this stack", [place.regions("aws")])

clusters := ["aws:eks/cluster:Cluster", "azure-native:containerservice:ManagedCluster"]

# A kubeconfig says where it leads only to who has it: the stack's word counts, which `falaj up` holds the file to.
holds(provider) if place.stays(provider, "clusterIdentifier", clusters)

holds(provider) if {
	address := subject.at(provider.inputs, "clusterIdentifier")
	subject.matches(`^https://`, address)
	place.host(address)
}

results := {urn: verdict |
	some urn, provider in subject.of(rego.metadata.chain())
	right := {"clusterIdentifier" | holds(provider)}
	verdict := subject.judge(provider.inputs, {"clusterIdentifier": want}, right)
}
