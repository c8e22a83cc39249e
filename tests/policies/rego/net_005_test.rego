package falaj_test.net_005

import data.falaj_test.cases
import data.falaj_test.harness

namespace(name) := {
	"type": "kubernetes:core/v1:Namespace",
	"inputs": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}},
}

policy(namespace, spec) := {
	"type": "kubernetes:networking.k8s.io/v1:NetworkPolicy",
	"inputs": {
		"apiVersion": "networking.k8s.io/v1",
		"kind": "NetworkPolicy",
		"metadata": {"name": "deny", "namespace": namespace},
		"spec": spec,
	},
}

everything := {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}

spec := "/resources/deny/inputs/spec"

fixtures := {
	"one policy": {
		"subject": "ns",
		"good": {"resources": {
			"ns": namespace("falcon"),
			"deny": policy("falcon", everything),
			"dns": policy("falcon", {
				"podSelector": {},
				"policyTypes": ["Egress"],
				"egress": [{"to": [{"namespaceSelector": {}}], "ports": [{"protocol": "UDP", "port": 53}]}],
			}),
		}},
		"paths": [
			spec,
			concat("/", [spec, "policyTypes"]),
			"/resources/deny/inputs/metadata/namespace",
		],
		"bad": {
			"no policy": [{"op": "remove", "path": "/resources/deny"}],
			"some pods": [{"op": "add", "path": concat("/", [spec, "podSelector/matchLabels"]), "value": {"app": "web"}}],
			"no selector": [{"op": "remove", "path": concat("/", [spec, "podSelector"])}],
			"ingress only": [{"op": "remove", "path": concat("/", [spec, "policyTypes/1"])}],
			"egress only": [{"op": "remove", "path": concat("/", [spec, "policyTypes/0"])}],
			"lets all out": [{"op": "add", "path": concat("/", [spec, "egress"]), "value": [{}]}],
			"lets all in": [{"op": "add", "path": concat("/", [spec, "ingress"]), "value": [{}]}],
			"another namespace's": [{"op": "replace", "path": "/resources/deny/inputs/metadata/namespace", "value": "ibis"}],
		},
		# What is in no namespace that is known is not in this one.
		"expect": {"unknown": {"/resources/deny/inputs/metadata/namespace": "fail"}},
	},
	"two policies, by edge": {
		"subject": "ns",
		"good": {"resources": {
			"ns": {
				"type": "kubernetes:core/v1:Namespace",
				"inputs": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": cases.unknown}},
			},
			"deny": object.union(
				policy(cases.unknown, {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": []}),
				{"edges": {"metadata": ["ns"]}},
			),
			"out": object.union(
				policy(cases.unknown, {"podSelector": {}, "policyTypes": ["Egress"], "egress": []}),
				{"edges": {"metadata": ["ns"]}},
			),
		}},
		"paths": [
			concat("/", [spec, "policyTypes"]),
			"/resources/out/inputs/spec",
			"/resources/out/inputs/spec/policyTypes",
			"/resources/out/edges/metadata",
		],
		"bad": {"nothing said of the way out": [{"op": "remove", "path": "/resources/out"}]},
		"expect": {"unknown": {"/resources/out/edges/metadata": "fail"}},
	},
}

test_good if harness.good("NET-005", fixtures)

test_bad if harness.bad("NET-005", fixtures)

test_absent if harness.absent("NET-005", fixtures)

test_null if harness.null_("NET-005", fixtures)

test_empty if harness.empty("NET-005", fixtures)

test_unknown if harness.unknown("NET-005", fixtures)

test_of_the_cluster_itself if {
	harness.verdict("NET-005", {"subject": "ns"}, {"resources": {"ns": namespace("kube-system")}}) == "nothing"
	harness.verdict("NET-005", {"subject": "ns"}, {"resources": {"ns": namespace("default")}}) == "fail"
}
