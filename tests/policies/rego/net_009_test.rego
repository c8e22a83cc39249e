package falaj_test.net_009

import data.falaj_test.harness

service(spec, annotations) := {
	"type": "kubernetes:core/v1:Service",
	"inputs": {
		"apiVersion": "v1",
		"kind": "Service",
		"metadata": {"name": "web", "namespace": "falcon", "annotations": annotations},
		"spec": object.union({"selector": {"app": "web"}, "ports": [{"port": 443}]}, spec),
	},
}

inside(annotation, value, otherwise) := {
	"subject": "web",
	"good": {"resources": {"web": service({"type": "LoadBalancer"}, {annotation: value})}},
	"paths": ["/resources/web/inputs/metadata/annotations", concat("/", [annotations, replace(annotation, "/", "~1")])],
	"bad": {
		"said otherwise": [{"op": "replace", "path": concat("/", [annotations, replace(annotation, "/", "~1")]), "value": otherwise}],
		"not said": [{"op": "replace", "path": annotations, "value": {"app": "web"}}],
		"said twice": [{
			"op": "replace",
			"path": annotations,
			"value": {
				"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing",
				"service.beta.kubernetes.io/aws-load-balancer-internal": "true",
			},
		}],
	},
}

annotations := "/resources/web/inputs/metadata/annotations"

spec := "/resources/web/inputs/spec"

tls := concat("/", [spec, "tls"])

rule := concat("/", [spec, "rules/0"])

backend := {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 443}}}}]}

fixtures := {
	"service": {
		"subject": "web",
		"good": {"resources": {"web": service({"type": "ClusterIP", "externalIPs": []}, {})}},
		"paths": [concat("/", [spec, "type"])],
		"bad": {
			"on every node": [{"op": "replace", "path": concat("/", [spec, "type"]), "value": "NodePort"}],
			"a load balancer": [{"op": "replace", "path": concat("/", [spec, "type"]), "value": "LoadBalancer"}],
			"addresses of its own": [{"op": "replace", "path": concat("/", [spec, "externalIPs"]), "value": ["203.0.113.1"]}],
		},
		# Kubernetes' own default is ClusterIP.
		"expect": {"absent": {concat("/", [spec, "type"]): "pass"}, "null": {concat("/", [spec, "type"]): "pass"}},
	},
	"load balancer of AWS": inside("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal", "internet-facing"),
	"older load balancer of AWS": inside("service.beta.kubernetes.io/aws-load-balancer-internal", "true", "false"),
	"load balancer of Azure": inside("service.beta.kubernetes.io/azure-load-balancer-internal", "true", "false"),
	"ingress": {
		"subject": "web",
		"good": {"resources": {"web": {
			"type": "kubernetes:networking.k8s.io/v1:Ingress",
			"inputs": {
				"apiVersion": "networking.k8s.io/v1",
				"kind": "Ingress",
				"metadata": {"name": "web", "namespace": "falcon"},
				"spec": {
					"tls": [{"hosts": ["web.example.ae", "*.falcon.example.ae"], "secretName": "web-tls"}],
					"rules": [{"host": "web.example.ae", "http": backend}, {"host": "api.falcon.example.ae", "http": backend}],
				},
			},
		}}},
		"paths": [
			tls,
			concat("/", [tls, "0"]),
			concat("/", [tls, "0/hosts"]),
			concat("/", [tls, "0/hosts/0"]),
			concat("/", [tls, "0/hosts/1"]),
			concat("/", [tls, "0/secretName"]),
			concat("/", [rule, "host"]),
			concat("/", [spec, "rules/1/host"]),
		],
		"bad": {
			"no TLS": [{"op": "remove", "path": tls}],
			"no certificate": [{"op": "remove", "path": concat("/", [tls, "0/secretName"])}],
			"no hosts": [{"op": "replace", "path": concat("/", [tls, "0/hosts"]), "value": []}],
			"a host without TLS": [{"op": "replace", "path": concat("/", [rule, "host"]), "value": "old.example.ae"}],
			"below the wildcard": [{"op": "replace", "path": concat("/", [rule, "host"]), "value": "a.b.falcon.example.ae"}],
			"any host": [{"op": "remove", "path": concat("/", [rule, "host"])}],
		},
	},
}

test_good if harness.good("NET-009", fixtures)

test_bad if harness.bad("NET-009", fixtures)

test_absent if harness.absent("NET-009", fixtures)

test_null if harness.null_("NET-009", fixtures)

test_empty if harness.empty("NET-009", fixtures)

test_unknown if harness.unknown("NET-009", fixtures)
