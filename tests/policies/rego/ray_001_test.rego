package falaj_test.ray_001

import data.falaj_test.cases
import data.falaj_test.harness

cluster := {
	"rayVersion": "2.52.0",
	"headGroupSpec": {
		"serviceType": "ClusterIP",
		"enableIngress": false,
		"rayStartParams": {},
		"template": {"spec": {"containers": [{"name": "ray", "image": "123456789012.dkr.ecr.me-central-1.amazonaws.com/ray@sha256:00"}]}},
	},
}

ray(kind, spec) := {
	"type": concat("", ["kubernetes:ray.io/v1:", kind]),
	"inputs": {"apiVersion": "ray.io/v1", "kind": kind, "metadata": {"name": "ray", "namespace": "team"}, "spec": spec},
}

policy(spec) := {
	"type": "kubernetes:networking.k8s.io/v1:NetworkPolicy",
	"inputs": {
		"apiVersion": "networking.k8s.io/v1",
		"kind": "NetworkPolicy",
		"metadata": {"name": "ray", "namespace": "team"},
		"spec": spec,
	},
}

closed := policy({
	"podSelector": {"matchLabels": {"ray.io/is-ray-node": "yes"}},
	"policyTypes": ["Ingress"],
	"ingress": [{"from": [
		{"podSelector": {}},
		{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kuberay"}}},
		{"ipBlock": {"cidr": "10.0.0.0/16"}},
	]}],
})

head := {
	"type": "kubernetes:core/v1:Service",
	"inputs": {
		"apiVersion": "v1",
		"kind": "Service",
		"metadata": {"name": "head", "namespace": "team"},
		"spec": {
			"type": "ClusterIP",
			"externalIPs": [],
			"selector": {"ray.io/cluster": "ray", "ray.io/node-type": "head"},
			"ports": [{"name": "http", "port": 80, "targetPort": 8000}, {"name": "board", "port": 81, "targetPort": "dashboard"}],
		},
	},
}

path(service, port) := {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": service, "port": port}}}

ingress(paths) := {
	"type": "kubernetes:networking.k8s.io/v1:Ingress",
	"inputs": {
		"apiVersion": "networking.k8s.io/v1",
		"kind": "Ingress",
		"metadata": {"name": "serve", "namespace": "team"},
		"spec": {"ingressClassName": "alb", "rules": [{"host": "serve.example.ae", "http": {"paths": paths}}]},
	},
}

spec := "/resources/ray/inputs/spec"

rules := "/resources/policy/inputs/spec"

first := "/resources/ingress/inputs/spec/rules/0/http/paths/0/backend"

in_(base, below) := concat("/", [base, below])

not_said(paths) := {path: "pass" | some path in paths}

fixtures := {
	"cluster": {
		"subject": "ray",
		"good": {"resources": {"ray": ray("RayCluster", cluster), "policy": closed}},
		"paths": [
			in_(spec, "headGroupSpec/serviceType"),
			in_(spec, "headGroupSpec/enableIngress"),
			in_(rules, "podSelector/matchLabels"),
			in_(rules, "ingress/0"),
			in_(rules, "ingress/0/from"),
			in_(rules, "ingress/0/from/1"),
			in_(rules, "ingress/0/from/1/namespaceSelector/matchLabels"),
			in_(rules, "ingress/0/from/2/ipBlock/cidr"),
			"/resources/policy/inputs/metadata/namespace",
			"/resources/policy/inputs/metadata",
			"/resources/policy/inputs",
		],
		"bad": {
			"a balancer": [{"op": "replace", "path": in_(spec, "headGroupSpec/serviceType"), "value": "LoadBalancer"}],
			"a balancer of one's own": [{"op": "add", "path": in_(spec, "headGroupSpec/headService"), "value": {"spec": {"type": "NodePort"}}}],
			"an Ingress": [{"op": "replace", "path": in_(spec, "headGroupSpec/enableIngress"), "value": true}],
			"no policy": [{"op": "remove", "path": "/resources/policy"}],
			"a policy elsewhere": [{"op": "replace", "path": "/resources/policy/inputs/metadata/namespace", "value": "other"}],
			"a policy on other pods": [{"op": "replace", "path": in_(rules, "podSelector/matchLabels"), "value": {"app": "ray"}}],
			"a policy on workers": [{"op": "replace", "path": in_(rules, "podSelector/matchLabels"), "value": {"ray.io/node-type": "worker"}}],
			"a policy on what goes out": [{"op": "replace", "path": in_(rules, "policyTypes"), "value": ["Egress"]}],
			"a policy on nothing": [{"op": "replace", "path": in_(rules, "policyTypes"), "value": ["None"]}],
			"from everywhere": [{"op": "replace", "path": in_(rules, "ingress"), "value": [{"ports": [{"port": 8265}]}]}],
			"from the internet": [{"op": "replace", "path": in_(rules, "ingress/0/from/2/ipBlock/cidr"), "value": "0.0.0.0/0"}],
			"from all namespaces": [{"op": "replace", "path": in_(rules, "ingress/0/from"), "value": [{"namespaceSelector": {}}]}],
			"a second policy that opens": [{"op": "add", "path": "/resources/second", "value": policy({
				"podSelector": {"matchLabels": {"ray.io/node-type": "head"}},
				"ingress": [{}],
			})}],
		},
		# KubeRay exposes nothing by itself; a selector without labels is all pods, an `ingress` less lets less in; which
		# namespace a policy without a known one is in, nobody knows.
		"expect": {
			"absent": object.union(
				not_said([in_(spec, "headGroupSpec/serviceType"), in_(spec, "headGroupSpec/enableIngress")]),
				not_said([in_(rules, "podSelector/matchLabels"), in_(rules, "ingress/0"), in_(rules, "ingress/0/from/1")]),
			),
			"null": not_said([in_(spec, "headGroupSpec/serviceType"), in_(spec, "headGroupSpec/enableIngress")]),
			"unknown": {
				"/resources/policy/inputs/metadata/namespace": "fail",
				"/resources/policy/inputs/metadata": "fail",
				"/resources/policy/inputs": "fail",
			},
		},
	},
	"service": {
		"subject": "ray",
		"good": {"resources": {
			"ns": {"type": "kubernetes:core/v1:Namespace", "inputs": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}}},
			"ray": object.union(ray("RayService", {"rayClusterConfig": cluster}), {"inputs": {"metadata": {"namespace": cases.unknown}}, "edges": {"metadata": ["ns"]}}),
			"policy": policy({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}),
		}},
		"paths": [in_(rules, "policyTypes"), "/resources/policy/inputs/metadata/namespace", "/resources/ray/edges/metadata"],
		"bad": {
			"a balancer for serving": [{"op": "add", "path": in_(spec, "serveService"), "value": {"spec": {"type": "LoadBalancer"}}}],
			"a balancer for the head": [{"op": "replace", "path": in_(spec, "rayClusterConfig/headGroupSpec/serviceType"), "value": "LoadBalancer"}],
		},
		# A policy is on what comes in where it does not say on what.
		"expect": {
			"absent": {in_(rules, "policyTypes"): "pass"},
			"null": {in_(rules, "policyTypes"): "pass"},
			"unknown": {"/resources/policy/inputs/metadata/namespace": "fail", "/resources/ray/edges/metadata": "fail"},
		},
	},
	"job": {
		"subject": "ray",
		"good": {"resources": {"ray": ray("RayJob", {"entrypoint": "python train.py", "rayClusterSpec": cluster}), "policy": closed}},
		"paths": [in_(rules, "podSelector/matchLabels/ray.io~1is-ray-node"), "/resources/policy/inputs/metadata/namespace"],
		"bad": {"a balancer": [{"op": "replace", "path": in_(spec, "rayClusterSpec/headGroupSpec/serviceType"), "value": "LoadBalancer"}]},
		"expect": {"unknown": {"/resources/policy/inputs/metadata/namespace": "fail"}},
	},
	"head": {
		"subject": "head",
		"good": {"resources": {"head": head}},
		"paths": ["/resources/head/inputs/spec/type"],
		"bad": {
			"a balancer": [{"op": "replace", "path": "/resources/head/inputs/spec/type", "value": "LoadBalancer"}],
			"an address of its own": [{"op": "replace", "path": "/resources/head/inputs/spec/externalIPs", "value": ["192.0.2.1"]}],
		},
		# A Service is a ClusterIP without further addresses where nothing is said.
		"expect": {
			"absent": not_said(["/resources/head/inputs/spec/type"]),
			"null": not_said(["/resources/head/inputs/spec/type"]),
		},
	},
	"ingress": {
		"subject": "ingress",
		"good": {"resources": {
			"head": head,
			"ingress": ingress([path("head", {"number": 80}), path("ray-head-svc", {"name": "serve"}), path("web", {"number": 8080})]),
		}},
		"paths": [in_(first, "service/name"), in_(first, "service/port/number"), in_(first, "service/port"), in_(first, "service"), first],
		"bad": {
			"the dashboard": [{"op": "replace", "path": in_(first, "service/port/number"), "value": 8265}],
			"the dashboard by another port": [{"op": "replace", "path": in_(first, "service/port/number"), "value": 81}],
			"the dashboard by name": [{"op": "replace", "path": in_(first, "service/port"), "value": {"name": "board"}}],
			"KubeRay's own Service": [{"op": "replace", "path": first, "value": {"service": {"name": "ray-head-svc", "port": {"name": "dashboard"}}}}],
			"the client by default": [{
				"op": "add",
				"path": "/resources/ingress/inputs/spec/defaultBackend",
				"value": {"service": {"name": "ray", "port": {"number": 10001}}},
			}],
		},
	},
	"ingress by edge": {
		"subject": "ingress",
		"good": {"resources": {
			"head": head,
			"ingress": object.union(
				ingress([path(cases.unknown, {"number": 80}), {"path": "/static", "pathType": "Prefix", "backend": {"resource": {"kind": "Bucket", "name": "static"}}}]),
				{"edges": {"spec": ["head"]}},
			),
		}},
		"paths": ["/resources/ingress/edges/spec", in_(first, "service/port/number"), "/resources/ingress/inputs/spec/rules/0/http/paths/1/backend/resource/kind"],
		"bad": {"the dashboard": [{"op": "replace", "path": in_(first, "service/port"), "value": {"number": 8265}}]},
		# Without the edge nobody knows where the name leads.
		"expect": {case: {"/resources/ingress/edges/spec": "indeterminate"} | some case in ["absent", "null", "empty"]},
	},
}

test_good if harness.good("RAY-001", fixtures)

test_bad if harness.bad("RAY-001", fixtures)

test_absent if harness.absent("RAY-001", fixtures)

test_null if harness.null_("RAY-001", fixtures)

test_empty if harness.empty("RAY-001", fixtures)

test_unknown if harness.unknown("RAY-001", fixtures)
