package falaj_test.net_003

import data.falaj_test.harness

eks(access) := {"resources": {"cluster": {
	"type": "aws:eks/cluster:Cluster",
	"inputs": {
		"roleArn": "arn:aws:iam::123456789012:role/cluster",
		"vpcConfig": object.union({"subnetIds": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]}, access),
	},
}}}

aks(access) := {"resources": {"cluster": {
	"type": "azure-native:containerservice:ManagedCluster",
	"inputs": {"resourceGroupName": "ray", "dnsPrefix": "ray", "apiServerAccessProfile": access},
}}}

vpc := "/resources/cluster/inputs/vpcConfig"

access := "/resources/cluster/inputs/apiServerAccessProfile"

set_to(path, value) := [{"op": "add", "path": path, "value": value}]

fixtures := {
	"EKS, private": {
		"subject": "cluster",
		"good": eks({"endpointPublicAccess": false, "endpointPrivateAccess": true}),
		"paths": [vpc, concat("/", [vpc, "endpointPublicAccess"]), concat("/", [vpc, "endpointPrivateAccess"])],
		"bad": {
			"public": set_to(concat("/", [vpc, "endpointPublicAccess"]), true),
			"neither": set_to(concat("/", [vpc, "endpointPrivateAccess"]), false),
		},
	},
	"EKS, for known networks": {
		"subject": "cluster",
		"good": eks({"endpointPublicAccess": true, "endpointPrivateAccess": true, "publicAccessCidrs": ["192.0.2.0/24", "198.51.100.7/32"]}),
		"paths": [concat("/", [vpc, "publicAccessCidrs"]), concat("/", [vpc, "publicAccessCidrs/0"])],
		"bad": {
			"everybody": set_to(concat("/", [vpc, "publicAccessCidrs/0"]), "0.0.0.0/0"),
			"half of everybody": set_to(concat("/", [vpc, "publicAccessCidrs/0"]), "0.0.0.0/1"),
			"everybody by IPv6": set_to(concat("/", [vpc, "publicAccessCidrs/-"]), "::/0"),
		},
		# One of two networks is enough.
		"expect": {"absent": {concat("/", [vpc, "publicAccessCidrs/0"]): "pass"}},
	},
	"AKS, private": {
		"subject": "cluster",
		"good": aks({"enablePrivateCluster": true}),
		"paths": [access, concat("/", [access, "enablePrivateCluster"])],
		"bad": {"public": set_to(concat("/", [access, "enablePrivateCluster"]), false)},
	},
	"AKS, for known networks": {
		"subject": "cluster",
		"good": aks({"authorizedIPRanges": ["192.0.2.0/24", "198.51.100.7"]}),
		"paths": [concat("/", [access, "authorizedIPRanges"]), concat("/", [access, "authorizedIPRanges/1"])],
		"bad": {"everybody": set_to(concat("/", [access, "authorizedIPRanges/0"]), "0.0.0.0/0")},
		# One of two networks is enough.
		"expect": {"absent": {concat("/", [access, "authorizedIPRanges/1"]): "pass"}},
	},
}

test_good if harness.good("NET-003", fixtures)

test_bad if harness.bad("NET-003", fixtures)

test_absent if harness.absent("NET-003", fixtures)

test_null if harness.null_("NET-003", fixtures)

test_empty if harness.empty("NET-003", fixtures)

test_unknown if harness.unknown("NET-003", fixtures)
