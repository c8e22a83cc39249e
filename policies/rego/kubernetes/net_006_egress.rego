# METADATA
# scope: package
# title: Confidential data goes out to listed networks only
# custom:
#   id: NET-006
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["kubernetes:networking.k8s.io:NetworkPolicy", "aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "aws:ec2/securityGroupRule:SecurityGroupRule", "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"]
#   on_unknown: defer
#   controls: [UAE-IA T7.6.4, ISO-27001:2022 8.12, UAE-PDPL 22]
#   remediation: Name in each egress rule the pods, security groups or ranges within `egress_cidrs` that it needs (`to` of a NetworkPolicy, `cidrBlocks` and the like of a security group), and list a network that data may go to in the stack file under `falaj:policy.egress_cidrs`.
#   owner: platform
package falaj.rules.net_006

import data.falaj.aws
import data.falaj.subject

# A stack that does not say what data it has, has the strictest.
everybodys if object.get(input, ["stack", "data_class"], null) in {"public", "internal"}

want := sprintf("a range within egress_cidrs (%s), or pods or groups", [
	subject.shown(object.get(input, ["params", "egress_cidrs"], null)),
])

allowed(cidr) if {
	net.cidr_is_valid(cidr)
	some network in input.params.egress_cidrs
	net.cidr_contains(network, cidr)
}

# The machine's own agent, which hands pods the credentials of their role: what goes there leaves no machine.
allowed("169.254.170.23/32")

# {path: range} of all that a resource lets out to; what names nobody is there as nothing.
destinations(resource, "kubernetes:networking.k8s.io:NetworkPolicy") := object.union_n([peers(where, rule) |
	some where, rule in subject.items("spec.egress", subject.at(resource.inputs, "spec.egress"))
])

destinations(resource, type) := object.union_n([ranges(where, rule) |
	some where, rule in subject.items("egress", subject.at(resource.inputs, "egress"))
]) if type in {"aws:ec2/securityGroup:SecurityGroup", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"}

destinations(resource, "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") := ranges("rule", resource.inputs)

destinations(resource, "aws:ec2/securityGroupRule:SecurityGroupRule") := ranges("rule", resource.inputs) if {
	object.get(resource.inputs, "type", null) != "ingress"
}

# A rule without `to` lets out to everybody.
peers(where, rule) := {name: null} if {
	name := concat(".", [where, "to"])
	subject.at(rule, "to") in {null, []}
} else := {concat(".", [at, "ipBlock.cidr"]): subject.at(peer, "ipBlock.cidr") |
	some at, peer in subject.items(concat(".", [where, "to"]), subject.at(rule, "to"))
	not in_cluster(peer)
}

in_cluster(peer) if {
	is_object(peer)
	object.get(peer, "ipBlock", null) == null
	some selector in {"podSelector", "namespaceSelector"}
	is_object(peer[selector])
}

range_keys := {"cidrBlocks", "ipv6CidrBlocks", "cidrIpv4", "cidrIpv6"}

group_keys := {"securityGroups", "sourceSecurityGroupId", "referencedSecurityGroupId", "prefixListIds", "prefixListId"}

ranges(where, rule) := {where: null} if {
	count(named(where, rule)) == 0
	not grouped(rule)
} else := named(where, rule)

named(where, rule) := {at: range |
	some key in range_keys
	some at, range in subject.items(concat(".", [where, key]), subject.at(rule, key))
}

grouped(rule) if rule.self == true

# A group is one by its id or, before it has any, by whatever stands for that.
grouped(rule) if {
	some key in group_keys
	some group in aws.listed(rule[key])
	is_group(group)
}

is_group({"$unknown": true})

is_group(id) if subject.matches(`^(\d{12}/)?(sg|pl)-[0-9a-f]+$`, id)

results := {urn: verdict |
	not everybodys
	some urn, resource in subject.of(rego.metadata.chain())
	values := destinations(resource, subject.kinds[resource.type])
	wants := {path: want | some path, _ in values}
	right := {path | some path, range in values; allowed(range)}
	verdict := subject.judge(values, wants, right)
}
