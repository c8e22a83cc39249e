package falaj_test.net_006

import data.falaj_test.cases
import data.falaj_test.harness

policy(rules) := {
	"type": "kubernetes:networking.k8s.io/v1:NetworkPolicy",
	"inputs": {
		"apiVersion": "networking.k8s.io/v1",
		"kind": "NetworkPolicy",
		"metadata": {"name": "out", "namespace": "falcon"},
		"spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": rules},
	},
}

egress := "/resources/out/inputs/spec/egress"

rule(cidrs) := {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": cidrs}

group := "/resources/group/inputs/egress"

vpc := {"vpcId": "vpc-0123456789abcdef0"}

set_to(path, value) := [{"op": "add", "path": path, "value": value}]

fixtures := {
	"policy": {
		"subject": "out",
		"good": {"resources": {"out": policy([
			{"to": [{"ipBlock": {"cidr": "10.1.0.0/16"}}, {"podSelector": {}}]},
			{"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}]},
			{"to": [{"ipBlock": {"cidr": "169.254.170.23/32"}}]},
		])}},
		"paths": [
			concat("/", [egress, "0/to"]),
			concat("/", [egress, "0/to/0/ipBlock"]),
			concat("/", [egress, "0/to/0/ipBlock/cidr"]),
			concat("/", [egress, "0/to/0"]),
			concat("/", [egress, "0"]),
		],
		"bad": {
			"everybody": set_to(concat("/", [egress, "0/to/0/ipBlock/cidr"]), "0.0.0.0/0"),
			"everybody by IPv6": set_to(concat("/", [egress, "0/to/-"]), {"ipBlock": {"cidr": "::/0"}}),
			"half of everybody": set_to(concat("/", [egress, "0/to/0/ipBlock/cidr"]), "0.0.0.0/1"),
			"everybody but a few": set_to(concat("/", [egress, "0/to/0/ipBlock"]), {"cidr": "0.0.0.0/0", "except": ["169.254.169.254/32"]}),
			"a network that is not listed": set_to(concat("/", [egress, "0/to/0/ipBlock/cidr"]), "203.0.113.0/24"),
			"the machine's own role": set_to(concat("/", [egress, "2/to/0/ipBlock/cidr"]), "169.254.169.254/32"),
			"no range at all": set_to(concat("/", [egress, "0/to/0/ipBlock/cidr"]), "example.com"),
			"a rule without to": set_to(concat("/", [egress, "-"]), {"ports": [{"port": 443}]}),
			"no networks are listed": [{"op": "add", "path": "/params", "value": {"egress_cidrs": []}}],
			"what is listed is not said": [{"op": "add", "path": "/params", "value": {"egress_cidrs": null}}],
		},
		# A rule or a peer less lets less out.
		"expect": {"absent": {concat("/", [egress, "0/to/0"]): "pass", concat("/", [egress, "0"]): "pass"}},
	},
	"security group": {
		"subject": "group",
		"good": {"resources": {"group": {
			"type": "aws:ec2/securityGroup:SecurityGroup",
			"inputs": object.union(vpc, {"description": "nodes", "egress": [
				rule(["10.0.0.0/16"]),
				{"protocol": "-1", "fromPort": 0, "toPort": 0, "self": true},
				{"protocol": "tcp", "fromPort": 443, "toPort": 443, "securityGroups": [cases.unknown]},
			]}),
		}}},
		"paths": [
			concat("/", [group, "0"]),
			concat("/", [group, "0/cidrBlocks"]),
			concat("/", [group, "0/cidrBlocks/0"]),
			concat("/", [group, "2/securityGroups"]),
		],
		"bad": {
			"everybody": set_to(concat("/", [group, "0/cidrBlocks/0"]), "0.0.0.0/0"),
			"a network and everybody": set_to(concat("/", [group, "0/cidrBlocks/-"]), "0.0.0.0/0"),
			"everybody by IPv6": set_to(concat("/", [group, "0/ipv6CidrBlocks"]), ["::/0"]),
			"a group and everybody": set_to(concat("/", [group, "2/cidrBlocks"]), ["0.0.0.0/0"]),
			"nobody in particular": set_to(concat("/", [group, "1/self"]), false),
		},
		# A rule less lets less out; a group is one whatever its id will be.
		"expect": {
			"absent": {concat("/", [group, "0"]): "pass"},
			"unknown": {concat("/", [group, "2/securityGroups"]): "pass"},
		},
	},
	"default group": {
		"subject": "group",
		"good": {"resources": {"group": {
			"type": "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
			"inputs": object.union(vpc, {"egress": [rule(["10.0.0.0/16"])]}),
		}}},
		"paths": [concat("/", [group, "0/cidrBlocks"])],
		"bad": {"everybody": set_to(concat("/", [group, "0/cidrBlocks/0"]), "0.0.0.0/0")},
	},
	"rule": {
		"subject": "rule",
		"good": {"resources": {"rule": {
			"type": "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
			"inputs": {"securityGroupId": "sg-0123456789abcdef0", "ipProtocol": "-1", "cidrIpv4": "10.0.0.0/8"},
		}}},
		"paths": ["/resources/rule/inputs/cidrIpv4"],
		"bad": {
			"everybody": set_to("/resources/rule/inputs/cidrIpv4", "0.0.0.0/0"),
			"everybody by IPv6": set_to("/resources/rule/inputs/cidrIpv6", "::/0"),
		},
	},
	"older rule": {
		"subject": "rule",
		"good": {"resources": {"rule": {
			"type": "aws:ec2/securityGroupRule:SecurityGroupRule",
			"inputs": object.union(rule(["10.0.0.0/8"]), {"type": "egress", "securityGroupId": "sg-0123456789abcdef0"}),
		}}},
		"paths": ["/resources/rule/inputs/cidrBlocks", "/resources/rule/inputs/cidrBlocks/0"],
		"bad": {"everybody": set_to("/resources/rule/inputs/cidrBlocks/0", "0.0.0.0/0")},
	},
	"rule for a group that is there": {
		"subject": "rule",
		"good": {"resources": {"rule": {
			"type": "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
			"inputs": {"securityGroupId": "sg-0123456789abcdef0", "ipProtocol": "-1", "referencedSecurityGroupId": "sg-0123456789abcdef1"},
		}}},
		"paths": ["/resources/rule/inputs/referencedSecurityGroupId"],
		"bad": {"everybody": set_to("/resources/rule/inputs/cidrIpv4", "0.0.0.0/0")},
		# A group is one whatever its id will be.
		"expect": {"unknown": {"/resources/rule/inputs/referencedSecurityGroupId": "pass"}},
	},
	"rule for a group": {
		"subject": "rule",
		"good": {"resources": {"rule": {
			"type": "aws:ec2/securityGroupRule:SecurityGroupRule",
			"inputs": {
				"type": "egress",
				"protocol": "-1",
				"fromPort": 0,
				"toPort": 0,
				"securityGroupId": "sg-0123456789abcdef0",
				"sourceSecurityGroupId": cases.unknown,
			},
		}}},
		"paths": ["/resources/rule/inputs/sourceSecurityGroupId"],
		"bad": {"everybody": set_to("/resources/rule/inputs/cidrBlocks", ["0.0.0.0/0"])},
		"expect": {"unknown": {"/resources/rule/inputs/sourceSecurityGroupId": "pass"}},
	},
}

test_good if harness.good("NET-006", fixtures)

test_bad if harness.bad("NET-006", fixtures)

test_absent if harness.absent("NET-006", fixtures)

test_null if harness.null_("NET-006", fixtures)

test_empty if harness.empty("NET-006", fixtures)

test_unknown if harness.unknown("NET-006", fixtures)

open_ := {"resources": {"out": policy([{}])}}

test_data_that_anybody_may_have if {
	every class in ["public", "internal"] {
		harness.verdict("NET-006", {"subject": "out"}, object.union(open_, {"stack": {"data_class": class}})) == "nothing"
	}
	some verdict in data.falaj.rules.net_006.results with input as object.remove(harness.document(open_), ["stack"])
	verdict.result == "fail"
	every class in ["restricted", "", null] {
		harness.verdict("NET-006", {"subject": "out"}, object.union(open_, {"stack": {"data_class": class}})) == "fail"
	}
}

# The provider takes away AWS's rule that lets everything out.
test_no_rules if {
	harness.verdict("NET-006", {"subject": "group"}, {"resources": {"group": {
		"type": "aws:ec2/securityGroup:SecurityGroup",
		"inputs": vpc,
	}}}) == "pass"
}

test_a_way_in_is_none_out if {
	harness.verdict("NET-006", {"subject": "rule"}, {"resources": {"rule": {
		"type": "aws:ec2/securityGroupRule:SecurityGroupRule",
		"inputs": object.union(rule(["0.0.0.0/0"]), {"type": "ingress", "securityGroupId": "sg-0123456789abcdef0"}),
	}}}) == "nothing"
}
