# METADATA
# scope: package
# title: Nodes have no public addresses
# custom:
#   id: NET-004
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:ec2/subnet:Subnet", "aws:eks/nodeGroup:NodeGroup", "aws:autoscaling/group:Group", "aws:ec2/instance:Instance", "aws:ec2/launchTemplate:LaunchTemplate", "azure-native:containerservice:AgentPool", "azure-native:containerservice:ManagedCluster"]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T4.5.3, ISO-27001:2022 8.22]
#   remediation: Set `mapPublicIpOnLaunch` of a subnet, `associatePublicIpAddress` of an instance or a launch template's interface and `enableNodePublicIP` of an AKS pool to false; put nodes into private subnets, and give a subnet for load balancers and NAT the tag `tier` public.
#   owner: platform
package falaj.rules.net_004

import data.falaj.graph
import data.falaj.subject

# Properties that are false, of a resource or of each of the things in its list.
private := {
	"aws:ec2/instance:Instance": {"property": "associatePublicIpAddress"},
	"azure-native:containerservice:AgentPool": {"property": "enableNodePublicIP"},
	"azure-native:containerservice:ManagedCluster": {"list": "agentPoolProfiles", "property": "enableNodePublicIP"},
	"aws:ec2/launchTemplate:LaunchTemplate": {"list": "networkInterfaces", "property": "associatePublicIpAddress"},
}

# A launch template has it as text; one without interfaces leaves it to the subnet.
off := {false, "false"}

paths(resource, said) := {concat(".", [where, said.property]) |
	some where, _ in subject.items(said.list, subject.at(resource.inputs, said.list))
} if {
	said.list
} else := {said.property}

# Where nodes say which subnets they are in.
nodes := {"aws:eks/nodeGroup:NodeGroup": "subnetIds", "aws:autoscaling/group:Group": "vpcZoneIdentifiers"}

own := "mapPublicIpOnLaunch of its subnets"

# Subnets are known by their ids or, before they have any, by the edges to them.
listed({"$unknown": true})

listed(ids) if {
	is_array(ids)
	count(ids) > 0
	every id in ids {
		named(id)
	}
}

named({"$unknown": true})

named(id) if {
	is_string(id)
	startswith(id, "subnet-")
}

# A subnet may give public addresses to what is no node, if it says that it is for that.
wants_subnet(given) := {
	"tags.tier": "public (or `mapPublicIpOnLaunch` false)",
	"nodes": "none in a subnet that gives public addresses",
} if given == true

else := {"mapPublicIpOnLaunch": "false"}

holds("mapPublicIpOnLaunch", false)

holds("tags.tier", "public")

holds("nodes", [])

results := object.union_n([
	{urn: verdict |
		some type, said in private
		some urn, resource in subject.by_type[type]
		wants := {path: "false" | some path in paths(resource, said)}
		right := {path | some path, _ in wants; subject.at(resource.inputs, path) in off}
		verdict := subject.judge(resource.inputs, wants, right)
	},
	{urn: verdict |
		some type, path in nodes
		some urn, resource in subject.by_type[type]
		subnets := graph.pointed(resource, path, ["aws:ec2/subnet:Subnet"])
		given := [subject.at(subnet.inputs, "mapPublicIpOnLaunch") | some subnet in subnets]
		facts := {path: subject.at(resource.inputs, path), own: given}
		right := {path | listed(facts[path]); count(subnets) > 0} | {own | every value in given { value == false }}
		verdict := subject.judge(facts, {path: "subnets of this stack", own: "false"}, right)
	},
	{urn: verdict |
		some urn, subnet in subject.by_type["aws:ec2/subnet:Subnet"]
		inside := [name | some type, path in nodes; some name, _ in graph.pointing(urn, type, path)]
		facts := object.union(subnet.inputs, {"nodes": inside})
		wants := wants_subnet(subject.at(subnet.inputs, "mapPublicIpOnLaunch"))
		right := {path | some path, _ in wants; holds(path, subject.at(facts, path))}
		verdict := subject.judge(facts, wants, right)
	},
])
