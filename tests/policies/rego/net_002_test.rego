package falaj_test.net_002

import data.falaj_test.cases
import data.falaj_test.harness

group(tags) := {"type": "aws:ec2/securityGroup:SecurityGroup", "inputs": {"description": "nodes", "vpcId": "vpc-0123456789abcdef0", "tags": tags}}

ingress := "/resources/group/inputs/ingress/0"

rule := "/resources/rule/inputs"

set_to(path, value) := [{"op": "add", "path": path, "value": value}]

ssh(cidrs) := {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": cidrs}

inputs(pairs) := object.union(
	{
		"resourceGroupName": "net",
		"networkSecurityGroupName": cases.unknown,
		"priority": 100,
		"direction": "Inbound",
		"access": "Allow",
		"protocol": "Tcp",
		"sourcePortRange": "*",
		"destinationAddressPrefix": "*",
	},
	pairs,
)

nsg(tags) := {"type": "azure-native:network:NetworkSecurityGroup", "inputs": {"resourceGroupName": "net", "tags": tags}}

fixtures := {
	"security group": {
		"subject": "group",
		"good": {"resources": {"group": {
			"type": "aws:ec2/securityGroup:SecurityGroup",
			"inputs": {
				"description": "nodes",
				"vpcId": "vpc-0123456789abcdef0",
				"ingress": [
					ssh(["10.0.0.0/16"]),
					{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": true},
					{"protocol": "tcp", "fromPort": 443, "toPort": 443, "securityGroups": [cases.unknown]},
				],
			},
		}}},
		"paths": [
			ingress,
			concat("/", [ingress, "cidrBlocks"]),
			concat("/", [ingress, "cidrBlocks/0"]),
			"/resources/group/inputs/ingress/1/self",
		],
		"bad": {
			"everybody": set_to(concat("/", [ingress, "cidrBlocks/0"]), "0.0.0.0/0"),
			"everybody and a network": set_to(concat("/", [ingress, "cidrBlocks/-"]), "0.0.0.0/0"),
			"half of everybody": set_to(concat("/", [ingress, "cidrBlocks"]), ["0.0.0.0/1", "128.0.0.0/1"]),
			"everybody by IPv6": set_to(concat("/", [ingress, "ipv6CidrBlocks"]), ["::/0"]),
			"all public IPv6": set_to(concat("/", [ingress, "ipv6CidrBlocks"]), ["2000::/3"]),
			"a group and everybody": set_to("/resources/group/inputs/ingress/2/cidrBlocks", ["0.0.0.0/0"]),
			"a port of the edge, but no edge": set_to("/resources/group/inputs/ingress/2", {
				"protocol": "tcp",
				"fromPort": 443,
				"toPort": 443,
				"cidrBlocks": ["0.0.0.0/0"],
			}),
		},
		# A rule less lets nobody in.
		"expect": {"absent": {ingress: "pass", concat("/", [ingress, "cidrBlocks/0"]): "fail"}},
	},
	"default group": {
		"subject": "group",
		"good": {"resources": {"group": {
			"type": "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
			"inputs": {"vpcId": "vpc-0123456789abcdef0", "ingress": [ssh(["10.0.0.0/16"])]},
		}}},
		"paths": [concat("/", [ingress, "cidrBlocks"])],
		"bad": {"everybody": set_to(concat("/", [ingress, "cidrBlocks/0"]), "0.0.0.0/0")},
	},
	"edge": {
		"subject": "group",
		"good": {"resources": {"group": {
			"type": "aws:ec2/securityGroup:SecurityGroup",
			"inputs": {
				"description": "edge",
				"vpcId": "vpc-0123456789abcdef0",
				"tags": {"edge": "true"},
				"ingress": [{
					"protocol": "tcp",
					"fromPort": 443,
					"toPort": 443,
					"cidrBlocks": ["0.0.0.0/0"],
					"ipv6CidrBlocks": ["::/0"],
				}],
			},
		}}},
		"paths": [
			"/resources/group/inputs/tags/edge",
			"/resources/group/inputs/tags",
			concat("/", [ingress, "protocol"]),
			concat("/", [ingress, "fromPort"]),
			concat("/", [ingress, "toPort"]),
		],
		"bad": {
			"no edge": set_to("/resources/group/inputs/tags/edge", "false"),
			"another port": set_to(ingress, ssh(["0.0.0.0/0"])),
			"many ports": set_to(concat("/", [ingress, "toPort"]), 8443),
			"all protocols": set_to(concat("/", [ingress, "protocol"]), "-1"),
		},
		# A tag that is not known opens nothing, and the range is known.
		"expect": {"unknown": {"/resources/group/inputs/tags/edge": "fail", "/resources/group/inputs/tags": "fail"}},
	},
	"rule": {
		"subject": "rule",
		"good": {"resources": {
			"group": group({}),
			"rule": {
				"type": "aws:ec2/securityGroupRule:SecurityGroupRule",
				"inputs": object.union(ssh(["10.0.0.0/16"]), {"type": "ingress", "securityGroupId": cases.unknown}),
				"edges": {"securityGroupId": ["group"]},
			},
			"out": {
				"type": "aws:ec2/securityGroupRule:SecurityGroupRule",
				"inputs": object.union(ssh(["0.0.0.0/0"]), {"type": "egress", "securityGroupId": cases.unknown}),
				"edges": {"securityGroupId": ["group"]},
			},
		}},
		"paths": [concat("/", [rule, "cidrBlocks"]), concat("/", [rule, "cidrBlocks/0"])],
		"bad": {
			"everybody": set_to(concat("/", [rule, "cidrBlocks/0"]), "0.0.0.0/0"),
			"a port of the edge, but no edge": set_to(rule, {
				"type": "ingress",
				"protocol": "tcp",
				"fromPort": 443,
				"toPort": 443,
				"cidrBlocks": ["0.0.0.0/0"],
				"securityGroupId": cases.unknown,
			}),
		},
	},
	"way out": {
		"subject": "rule",
		"good": {"resources": {"rule": {
			"type": "aws:ec2/securityGroupRule:SecurityGroupRule",
			"inputs": object.union(ssh(["0.0.0.0/0"]), {"type": "egress", "securityGroupId": "sg-0123456789abcdef0"}),
		}}},
		"paths": [concat("/", [rule, "type"])],
		"bad": {"a way in": set_to(concat("/", [rule, "type"]), "ingress")},
	},
	"rule of the edge": {
		"subject": "rule",
		"good": {"resources": {
			"group": group({"edge": "true"}),
			"rule": {
				"type": "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
				"inputs": {
					"securityGroupId": cases.unknown,
					"ipProtocol": "tcp",
					"fromPort": 443,
					"toPort": 443,
					"cidrIpv4": "0.0.0.0/0",
				},
				"edges": {"securityGroupId": ["group"]},
			},
		}},
		"paths": [
			"/resources/group/inputs/tags/edge",
			"/resources/rule/edges/securityGroupId",
			concat("/", [rule, "ipProtocol"]),
			concat("/", [rule, "fromPort"]),
			concat("/", [rule, "toPort"]),
		],
		"bad": {
			"another port": [{"op": "replace", "path": concat("/", [rule, "fromPort"]), "value": 22}, {"op": "replace", "path": concat("/", [rule, "toPort"]), "value": 22}],
			"its own tag, not the group's": [
				{"op": "remove", "path": "/resources/group/inputs/tags/edge"},
				{"op": "add", "path": concat("/", [rule, "tags"]), "value": {"edge": "true"}},
			],
		},
		# A tag, and a group, that is not known opens nothing, and the range is known.
		"expect": {"unknown": {"/resources/group/inputs/tags/edge": "fail", "/resources/rule/edges/securityGroupId": "fail"}},
	},
	"rule for a group": {
		"subject": "rule",
		"good": {"resources": {"rule": {
			"type": "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
			"inputs": {
				"securityGroupId": "sg-0123456789abcdef0",
				"referencedSecurityGroupId": "sg-0123456789abcdef1",
				"ipProtocol": "-1",
			},
		}}},
		"paths": [concat("/", [rule, "referencedSecurityGroupId"])],
		"bad": {"everybody": set_to(concat("/", [rule, "cidrIpv6"]), "::/0")},
		# A group is one whatever its id will be.
		"expect": {"unknown": {concat("/", [rule, "referencedSecurityGroupId"]): "pass"}},
	},
	"Azure rule": {
		"subject": "rule",
		"good": {"resources": {
			"group": nsg({"edge": "true"}),
			"rule": {
				"type": "azure-native:network:SecurityRule",
				"inputs": inputs({"sourceAddressPrefixes": ["10.0.0.0/8", "172.16.0.4"], "destinationPortRange": "22"}),
				"edges": {"networkSecurityGroupName": ["group"]},
			},
		}},
		"paths": [concat("/", [rule, "sourceAddressPrefixes"]), concat("/", [rule, "sourceAddressPrefixes/1"])],
		"bad": {
			"all": set_to(concat("/", [rule, "sourceAddressPrefix"]), "*"),
			"the internet": set_to(concat("/", [rule, "sourceAddressPrefixes/0"]), "Internet"),
			"all of Azure": set_to(concat("/", [rule, "sourceAddressPrefixes/0"]), "AzureCloud"),
		},
		# One of two ranges is enough.
		"expect": {"absent": {concat("/", [rule, "sourceAddressPrefixes/1"]): "pass"}},
	},
	"Azure group": {
		"subject": "group",
		"good": {"resources": {"group": {
			"type": "azure-native:network:NetworkSecurityGroup",
			"inputs": {
				"resourceGroupName": "net",
				"tags": {"edge": "true"},
				"securityRules": [
					{
						"name": "web",
						"priority": 100,
						"direction": "Inbound",
						"access": "Allow",
						"protocol": "Tcp",
						"sourceAddressPrefix": "Internet",
						"sourcePortRange": "*",
						"destinationAddressPrefix": "*",
						"destinationPortRange": "443",
					},
					{
						"name": "no more",
						"priority": 4096,
						"direction": "Inbound",
						"access": "Deny",
						"protocol": "*",
						"sourceAddressPrefix": "*",
						"sourcePortRange": "*",
						"destinationAddressPrefix": "*",
						"destinationPortRange": "*",
					},
					{
						"name": "out",
						"priority": 100,
						"direction": "Outbound",
						"access": "Allow",
						"protocol": "*",
						"sourceAddressPrefix": "*",
						"sourcePortRange": "*",
						"destinationAddressPrefix": "Storage",
						"destinationPortRange": "*",
					},
					{
						"name": "inside",
						"priority": 200,
						"direction": "Inbound",
						"access": "Allow",
						"protocol": "*",
						"sourceAddressPrefix": "VirtualNetwork",
						"sourcePortRange": "*",
						"destinationAddressPrefix": "*",
						"destinationPortRange": "*",
					},
				],
			},
		}}},
		"paths": [
			"/resources/group/inputs/tags/edge",
			"/resources/group/inputs/securityRules/0/destinationPortRange",
			"/resources/group/inputs/securityRules/0/protocol",
			"/resources/group/inputs/securityRules/1/access",
			"/resources/group/inputs/securityRules/2/direction",
			"/resources/group/inputs/securityRules/3/sourceAddressPrefix",
		],
		"bad": {
			"many ports": set_to("/resources/group/inputs/securityRules/0/destinationPortRange", "0-65535"),
			"a port of no edge": set_to("/resources/group/inputs/securityRules/0/destinationPortRanges", ["22"]),
			"all let in": set_to("/resources/group/inputs/securityRules/1/access", "Allow"),
			"the wrong way": set_to("/resources/group/inputs/securityRules/2/direction", "Inbound"),
		},
		# A tag that is not known opens nothing, and the range is known.
		"expect": {"unknown": {"/resources/group/inputs/tags/edge": "fail"}},
	},
}

test_good if harness.good("NET-002", fixtures)

test_bad if harness.bad("NET-002", fixtures)

test_absent if harness.absent("NET-002", fixtures)

test_null if harness.null_("NET-002", fixtures)

test_empty if harness.empty("NET-002", fixtures)

test_unknown if harness.unknown("NET-002", fixtures)

# A group that lets nobody in needs no rule.
test_no_rules if {
	harness.verdict("NET-002", {"subject": "group"}, {"resources": {"group": group({})}}) == "pass"
}
