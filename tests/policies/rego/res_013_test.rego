package falaj_test.res_013

import data.falaj_test.cases
import data.falaj_test.harness

at := "/resources/cluster/inputs/clusterIdentifier"

leads(where) := [{"op": "replace", "path": at, "value": where}]

provider(inputs) := {"resources": {"cluster": {"type": "pulumi:providers:kubernetes", "inputs": inputs}}}

fixtures := {
	"given": {
		"subject": "cluster",
		"good": object.union(
			provider({"clusterIdentifier": "https://api.dc1.example.ae:6443", "context": "dc1"}),
			{"params": {"hosts": [".dc1.example.ae"]}},
		),
		"paths": [at, "/params/hosts"],
		"bad": {
			"abroad": leads("https://api.dc1.example.com:6443"),
			"a host that only begins so": leads("https://api.dc1.example.ae.example.com"),
			"no TLS": leads("http://api.dc1.example.ae:6443"),
			"no address": leads("dc1"),
			"no text": leads(1),
			"a list": leads(["https://api.dc1.example.ae:6443"]),
		},
		"expect": {"absent": {"/params/hosts": "fail"}, "unknown": {"/params/hosts": "fail"}},
	},
	"eks": {
		"subject": "cluster",
		"good": provider({"clusterIdentifier": "arn:aws:eks:me-central-1:123456789012:cluster/uae-aws"}),
		"paths": [at],
		"bad": {"abroad": leads("arn:aws:eks:us-east-1:123456789012:cluster/uae-aws")},
	},
}

test_good if harness.good("RES-013", fixtures)

test_bad if harness.bad("RES-013", fixtures)

test_absent if harness.absent("RES-013", fixtures)

test_null if harness.null_("RES-013", fixtures)

test_empty if harness.empty("RES-013", fixtures)

test_unknown if harness.unknown("RES-013", fixtures)

test_a_cluster_of_this_stack if {
	made := {"resources": {
		"eks": {"type": "aws:eks/cluster:Cluster", "inputs": {"region": "me-central-1"}},
		"cluster": {
			"type": "pulumi:providers:kubernetes",
			"inputs": {"clusterIdentifier": cases.unknown},
			"edges": {"clusterIdentifier": ["eks"]},
		},
	}}
	harness.verdict("RES-013", fixtures.eks, made) == "pass"
	abroad := json.patch(made, [{"op": "replace", "path": "/resources/eks/inputs/region", "value": "us-east-1"}])
	harness.verdict("RES-013", fixtures.eks, abroad) == "indeterminate"
}
