package falaj_test.enc_006

import data.falaj_test.harness

image := "123456789012.dkr.ecr.me-central-1.amazonaws.com/ray:2.52.0"

env := [
	{"name": "RAY_USE_TLS", "value": "1"},
	{"name": "RAY_TLS_SERVER_CERT", "value": "/etc/ray/tls/tls.crt"},
	{"name": "RAY_TLS_SERVER_KEY", "value": "/etc/ray/tls/tls.key"},
	{"name": "RAY_TLS_CA_CERT", "value": "/etc/ray/tls/ca.crt"},
]

template := {"spec": {"containers": [{"name": "ray", "image": image, "env": env}, {"name": "logs", "image": image}]}}

cluster := {
	"rayVersion": "2.52.0",
	"headGroupSpec": {"rayStartParams": {}, "template": template},
	"workerGroupSpecs": [{"groupName": "gpu", "replicas": 1, "rayStartParams": {}, "template": template}],
}

mesh(metadata) := {"rayVersion": "2.52.0", "headGroupSpec": {
	"rayStartParams": {},
	"template": {
		"metadata": metadata,
		"spec": {"containers": [{"name": "ray", "image": image}]},
	},
}}

ray(kind, spec) := {"resources": {"ray": {
	"type": concat("", ["kubernetes:ray.io/v1:", kind]),
	"inputs": {"apiVersion": "ray.io/v1", "kind": kind, "metadata": {"name": "ray", "namespace": "ray"}, "spec": spec},
}}}

spec := "/resources/ray/inputs/spec"

at(path) := concat("/", [spec, path])

container := "template/spec/containers/0"

fixtures := {
	"cluster": {
		"subject": "ray",
		"good": ray("RayCluster", cluster),
		"paths": array.concat(
			[at(concat("/", [group, container, "env", index, "value"])) |
				some group in ["headGroupSpec", "workerGroupSpecs/0"]
				some index in ["0", "1", "2", "3"]
			],
			[
				at("headGroupSpec"),
				at("headGroupSpec/template/spec/containers"),
				at("workerGroupSpecs/0/template"),
				at(concat("/", ["workerGroupSpecs/0", container, "env"])),
				at(concat("/", ["workerGroupSpecs/0", container, "env/0/name"])),
				spec,
			],
		),
		"bad": {
			"no TLS": [{"op": "replace", "path": at(concat("/", ["headGroupSpec", container, "env/0/value"])), "value": "0"}],
			"workers in clear": [{"op": "remove", "path": at(concat("/", ["workerGroupSpecs/0", container, "env"]))}],
			"told twice": [{
				"op": "add",
				"path": at(concat("/", ["headGroupSpec", container, "env/-"])),
				"value": {"name": "RAY_USE_TLS", "value": "0"},
			}],
			"a token, which encrypts nothing": [{
				"op": "replace",
				"path": at(concat("/", ["headGroupSpec", container, "env"])),
				"value": [{"name": "RAY_AUTH_MODE", "value": "token"}],
			}],
			"TLS in the sidecar": [
				{"op": "add", "path": at("headGroupSpec/template/spec/containers/1/env"), "value": env},
				{"op": "remove", "path": at(concat("/", ["headGroupSpec", container, "env"]))},
			],
		},
		# Which variable it is that has no known name is not known: the one it replaces is missing.
		"expect": {"unknown": {at(concat("/", ["workerGroupSpecs/0", container, "env/0/name"])): "fail"}},
	},
	"job in Istio": {
		"subject": "ray",
		"good": ray("RayJob", {"entrypoint": "python train.py", "rayClusterSpec": mesh({"labels": {"sidecar.istio.io/inject": "true"}})}),
		"paths": [
			at("rayClusterSpec/headGroupSpec/template/metadata/labels/sidecar.istio.io~1inject"),
			at("rayClusterSpec/headGroupSpec/template/metadata/labels"),
			at("rayClusterSpec/headGroupSpec/template/metadata"),
			at("rayClusterSpec"),
		],
		"bad": {
			"left out of the mesh": [{
				"op": "replace",
				"path": at("rayClusterSpec/headGroupSpec/template/metadata/labels/sidecar.istio.io~1inject"),
				"value": "false",
			}],
			"workers left out of the mesh": [{
				"op": "add",
				"path": at("rayClusterSpec/workerGroupSpecs"),
				"value": [{
					"groupName": "cpu",
					"rayStartParams": {},
					"template": {"spec": {"containers": [{"name": "ray", "image": image}]}},
				}],
			}],
		},
	},
	"service in Linkerd": {
		"subject": "ray",
		"good": ray("RayService", {"rayClusterConfig": mesh({"annotations": {"linkerd.io/inject": "enabled"}})}),
		"paths": [
			at("rayClusterConfig/headGroupSpec/template/metadata/annotations/linkerd.io~1inject"),
			at("rayClusterConfig/headGroupSpec/template/metadata/annotations"),
			at("rayClusterConfig"),
		],
		"bad": {"left out of the mesh": [{
			"op": "replace",
			"path": at("rayClusterConfig/headGroupSpec/template/metadata/annotations/linkerd.io~1inject"),
			"value": "disabled",
		}]},
	},
}

test_good if harness.good("ENC-006", fixtures)

test_bad if harness.bad("ENC-006", fixtures)

test_absent if harness.absent("ENC-006", fixtures)

test_null if harness.null_("ENC-006", fixtures)

test_empty if harness.empty("ENC-006", fixtures)

test_unknown if harness.unknown("ENC-006", fixtures)

# Groups of workers that are not known yet may be of any kind.
test_unknown_groups if {
	good := json.patch(fixtures.cluster.good, [{"op": "replace", "path": at("workerGroupSpecs"), "value": {"$unknown": true}}])
	harness.verdict("ENC-006", fixtures.cluster, good) == "indeterminate"
}
