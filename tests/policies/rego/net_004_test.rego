package falaj_test.net_004

import data.falaj_test.cases
import data.falaj_test.harness

subnet(inputs) := {"type": "aws:ec2/subnet:Subnet", "inputs": object.union({"vpcId": "vpc-0123456789abcdef0", "cidrBlock": "10.0.1.0/24"}, inputs)}

nodes := {
	"type": "aws:eks/nodeGroup:NodeGroup",
	"inputs": {
		"clusterName": "ray",
		"nodeRoleArn": "arn:aws:iam::123456789012:role/nodes",
		"scalingConfig": {"desiredSize": 1, "maxSize": 4, "minSize": 1},
		"subnetIds": [cases.unknown],
	},
	"edges": {"subnetIds": ["subnet"]},
}

set_to(path, value) := [{"op": "add", "path": path, "value": value}]

fixtures := {
	"private subnet": {
		"subject": "subnet",
		"good": {"resources": {"subnet": subnet({"mapPublicIpOnLaunch": false}), "nodes": nodes}},
		"paths": ["/resources/subnet/inputs/mapPublicIpOnLaunch"],
		"bad": {"public addresses": set_to("/resources/subnet/inputs/mapPublicIpOnLaunch", true)},
	},
	"public subnet": {
		"subject": "subnet",
		"good": {"resources": {"subnet": subnet({"mapPublicIpOnLaunch": true, "tags": {"tier": "public"}})}},
		"paths": ["/resources/subnet/inputs/tags/tier", "/resources/subnet/inputs/tags"],
		"bad": {
			"nodes in it": set_to("/resources/nodes", nodes),
			"private by its tag": set_to("/resources/subnet/inputs/tags/tier", "private"),
		},
	},
	"node group": {
		"subject": "nodes",
		"good": {"resources": {"subnet": subnet({"mapPublicIpOnLaunch": false}), "nodes": nodes}},
		"paths": ["/resources/nodes/inputs/subnetIds", "/resources/nodes/inputs/subnetIds/0"],
		"bad": {
			"a public subnet": set_to("/resources/subnet/inputs/mapPublicIpOnLaunch", true),
			"a subnet of elsewhere": [
				{"op": "replace", "path": "/resources/nodes/inputs/subnetIds", "value": ["subnet-0123456789abcdef0"]},
				{"op": "remove", "path": "/resources/nodes/edges/subnetIds"},
			],
		},
		# The edge says which subnets they are.
		"expect": {"unknown": {"/resources/nodes/inputs/subnetIds": "pass", "/resources/nodes/inputs/subnetIds/0": "pass"}},
	},
	"scaling group": {
		"subject": "group",
		"good": {"resources": {
			"subnet": subnet({"mapPublicIpOnLaunch": false}),
			"group": {
				"type": "aws:autoscaling/group:Group",
				"inputs": {
					"minSize": 0,
					"maxSize": 2,
					"launchTemplate": {"id": "lt-0123456789abcdef0", "version": "1"},
					"vpcZoneIdentifiers": [cases.unknown],
				},
				"edges": {"vpcZoneIdentifiers": ["subnet"]},
			},
		}},
		"paths": ["/resources/group/inputs/vpcZoneIdentifiers", "/resources/subnet/inputs/mapPublicIpOnLaunch"],
		"bad": {"a public subnet": set_to("/resources/subnet/inputs/mapPublicIpOnLaunch", true)},
		# The edge says which subnets they are.
		"expect": {"unknown": {"/resources/group/inputs/vpcZoneIdentifiers": "pass"}},
	},
	"instance": {
		"subject": "instance",
		"good": {"resources": {"instance": {
			"type": "aws:ec2/instance:Instance",
			"inputs": {"ami": "ami-0123456789abcdef0", "instanceType": "t3.small", "associatePublicIpAddress": false},
		}}},
		"paths": ["/resources/instance/inputs/associatePublicIpAddress"],
		"bad": {"a public address": set_to("/resources/instance/inputs/associatePublicIpAddress", true)},
	},
	"launch template": {
		"subject": "template",
		"good": {"resources": {"template": {
			"type": "aws:ec2/launchTemplate:LaunchTemplate",
			"inputs": {
				"imageId": "ami-0123456789abcdef0",
				"networkInterfaces": [{"deviceIndex": 0, "associatePublicIpAddress": "false"}],
			},
		}}},
		"paths": [
			"/resources/template/inputs/networkInterfaces/0",
			"/resources/template/inputs/networkInterfaces/0/associatePublicIpAddress",
		],
		"bad": {
			"a public address": set_to("/resources/template/inputs/networkInterfaces/0/associatePublicIpAddress", "true"),
			"an interface that does not say": set_to("/resources/template/inputs/networkInterfaces/-", {"deviceIndex": 1}),
		},
		# Without an interface it is the subnet that says it.
		"expect": {"absent": {"/resources/template/inputs/networkInterfaces/0": "pass"}},
	},
	"pool": {
		"subject": "pool",
		"good": {"resources": {"pool": {
			"type": "azure-native:containerservice:AgentPool",
			"inputs": {
				"resourceGroupName": "ray",
				"resourceName": "ray",
				"vmSize": "Standard_D8s_v5",
				"count": 1,
				"enableNodePublicIP": false,
			},
		}}},
		"paths": ["/resources/pool/inputs/enableNodePublicIP"],
		"bad": {"public addresses": set_to("/resources/pool/inputs/enableNodePublicIP", true)},
	},
	"cluster": {
		"subject": "cluster",
		"good": {"resources": {"cluster": {
			"type": "azure-native:containerservice:ManagedCluster",
			"inputs": {
				"resourceGroupName": "ray",
				"dnsPrefix": "ray",
				"agentPoolProfiles": [
					{"name": "system", "mode": "System", "vmSize": "Standard_D4s_v5", "count": 1, "enableNodePublicIP": false},
					{"name": "gpu", "mode": "User", "vmSize": "Standard_NC24ads_A100_v4", "count": 1, "enableNodePublicIP": false},
				],
			},
		}}},
		"paths": [
			"/resources/cluster/inputs/agentPoolProfiles/1",
			"/resources/cluster/inputs/agentPoolProfiles/1/enableNodePublicIP",
		],
		"bad": {"public addresses": set_to("/resources/cluster/inputs/agentPoolProfiles/1/enableNodePublicIP", true)},
		# One pool of two is enough.
		"expect": {"absent": {"/resources/cluster/inputs/agentPoolProfiles/1": "pass"}},
	},
}

test_good if harness.good("NET-004", fixtures)

test_bad if harness.bad("NET-004", fixtures)

test_absent if harness.absent("NET-004", fixtures)

test_null if harness.null_("NET-004", fixtures)

test_empty if harness.empty("NET-004", fixtures)

test_unknown if harness.unknown("NET-004", fixtures)
