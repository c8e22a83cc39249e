# METADATA
# scope: package
# title: No way in from the whole internet
# custom:
#   id: NET-002
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "aws:ec2/securityGroupRule:SecurityGroupRule", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "azure-native:network:NetworkSecurityGroup", "azure-native:network:SecurityRule"]
#   needs: stack
#   on_unknown: deny
#   controls: [UAE-IA T4.5.1, ISO-27001:2022 8.20, GDPR 32]
#   remediation: Let a rule name the networks or security groups that need it (no range shorter than /8, no `*`, no Internet). Only a TCP port among `edge_ports`, in a group tagged `edge` "true", may be open to everybody.
#   owner: platform
package falaj.rules.net_002

import data.falaj.aws
import data.falaj.graph
import data.falaj.subject

# Where a group keeps its rules, and how a rule of its own names its group.
rules := {
	"aws:ec2/securityGroup:SecurityGroup": "ingress",
	"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "ingress",
	"azure-native:network:NetworkSecurityGroup": "securityRules",
}

group := {
	"aws:ec2/securityGroupRule:SecurityGroupRule": "securityGroupId",
	"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "securityGroupId",
	"azure-native:network:SecurityRule": "networkSecurityGroupName",
}

owners := {"securityGroupId", "networkSecurityGroupName", "resourceGroupName"}

want := "from named networks, none wider than /8, or from security groups"

ranges := {"cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6", "sourceAddressPrefix", "sourceAddressPrefixes"}

peers := {
	"securityGroups",
	"sourceSecurityGroupId",
	"referencedSecurityGroupId",
	"prefixListIds",
	"prefixListId",
	"sourceApplicationSecurityGroups",
}

listed(rule, keys) := [value | some key in keys; some value in aws.listed(object.get(rule, key, null))]

# Azure's own, inside of the network; all its other tags are many customers' addresses.
few(range) if range in {"VirtualNetwork", "AzureLoadBalancer", "GatewayManager"}

few(range) if subject.is_narrow(range)

few(address) if {
	is_string(address)
	net.cidr_is_valid(concat("", [address, "/32"]))
}

# A group is one by its id or, before it has any, by whatever stands for that.
one(source) if subject.named(source)

one(source) if {
	is_object(source)
	count(source) > 0
}

sources(rule) := array.concat(listed(rule, ranges), [source | some source in listed(rule, peers); one(source)])

named(rule) if count(sources(rule)) > 0

named(rule) if rule.self == true

holds(rule, _) if rule.type == "egress"

holds(rule, _) if rule.direction == "Outbound"

holds(rule, _) if rule.access == "Deny"

holds(rule, _) if {
	is_object(rule)
	named(rule)
	every range in listed(rule, ranges) {
		few(range)
	}
}

holds(rule, true) if {
	is_object(rule)
	object.get(rule, "protocol", object.get(rule, "ipProtocol", null)) in {"tcp", "Tcp"}
	count(ports(rule)) > 0
	every port in ports(rule) {
		port in input.params.edge_ports
	}
}

ports(rule) := {rule.fromPort} if rule.fromPort == rule.toPort

else := {port(text) | some text in listed(rule, {"destinationPortRange", "destinationPortRanges"})}

port(text) := to_number(text) if {
	is_string(text)
	regex.match(`^\d+$`, text)
} else := text

# {where: rule} of a group, or of a rule that stands alone.
found(resource, type) := subject.items(rules[type], subject.at(resource.inputs, rules[type])) if rules[type]

else := {"rule": resource.inputs}

# Whether the group has the tag of those that everybody may come to.
edge(resource, type) := tagged(resource) if rules[type]

else := true in {tagged(owner) | some owner in graph.pointed(resource, group[type], object.keys(rules))}

tagged(resource) := subject.at(resource.inputs, "tags.edge") == "true"

# What a message shows of a rule: whom it lets in where. Which group that is may be known later.
told(rule) := object.remove(rule, peers | owners) if is_object(rule)

else := rule

results := {urn: verdict |
	some type in (object.keys(rules) | object.keys(group))
	some urn, resource in subject.by_type[type]
	values := found(resource, type)
	open := edge(resource, type)
	wants := {where: want | some where, _ in values}
	right := {where | some where, rule in values; holds(rule, open)}
	verdict := subject.judge({where: told(rule) | some where, rule in values}, wants, right)
}
