package falaj_test.ray_002

import data.falaj_test.harness

image := "123456789012.dkr.ecr.me-central-1.amazonaws.com/ray@sha256:00"

containers(env) := [{"name": "ray", "image": image, "env": env}, {"name": "logs", "image": image}]

cluster(env) := {
	"rayVersion": "2.52.0",
	"headGroupSpec": {"rayStartParams": {}, "template": {"spec": {"containers": containers(env)}}},
	"workerGroupSpecs": [{"groupName": "cpu", "maxReplicas": 2, "rayStartParams": {}, "template": {"spec": {"containers": containers(env)}}}],
}

asking(env) := object.union(cluster(env), {"authOptions": {"mode": "token"}})

by_hand := [
	{"name": "RAY_AUTH_MODE", "value": "token"},
	{"name": "RAY_AUTH_TOKEN", "valueFrom": {"secretKeyRef": {"name": "ray-token", "key": "auth_token"}}},
]

ray(kind, spec) := {"resources": {"ray": {
	"type": concat("", ["kubernetes:ray.io/v1:", kind]),
	"inputs": {"apiVersion": "ray.io/v1", "kind": kind, "metadata": {"name": "ray", "namespace": "team"}, "spec": spec},
}}}

spec := "/resources/ray/inputs/spec"

in_(below) := concat("/", [spec, below])

worker := "workerGroupSpecs/0/template/spec/containers/0/env"

fixtures := {
	"option": {
		"subject": "ray",
		"good": ray("RayCluster", asking([])),
		"paths": [in_("authOptions/mode"), in_("authOptions"), spec],
		"bad": {
			"off": [{"op": "replace", "path": in_("authOptions/mode"), "value": "disabled"}],
			"off in a group": [{"op": "add", "path": in_("workerGroupSpecs/0/template/spec/containers/0/env/-"), "value": {"name": "RAY_AUTH_MODE", "value": "disabled"}}],
		},
	},
	"job": {
		"subject": "ray",
		"good": ray("RayJob", {"entrypoint": "python train.py", "rayClusterSpec": asking([])}),
		"paths": [in_("rayClusterSpec/authOptions/mode"), in_("rayClusterSpec")],
		"bad": {"off": [{"op": "replace", "path": in_("rayClusterSpec/authOptions"), "value": {"mode": "disabled"}}]},
	},
	"service": {
		"subject": "ray",
		"good": ray("RayService", {"rayClusterConfig": asking([{"name": "RAY_AUTH_MODE", "value": "token"}])}),
		"paths": [in_("rayClusterConfig/authOptions/mode"), in_("rayClusterConfig")],
		"bad": {"off": [{"op": "replace", "path": in_("rayClusterConfig/authOptions"), "value": {"mode": "disabled"}}]},
	},
	"by hand": {
		"subject": "ray",
		"good": ray("RayCluster", cluster(by_hand)),
		"paths": [
			in_(concat("/", [worker, "0/value"])),
			in_(concat("/", [worker, "1/valueFrom/secretKeyRef/name"])),
			in_(concat("/", [worker, "1/valueFrom/secretKeyRef/key"])),
			in_(concat("/", [worker, "1/valueFrom"])),
			in_(concat("/", [worker, "1/name"])),
			in_(worker),
			in_("workerGroupSpecs/0/template"),
			in_("headGroupSpec"),
		],
		"bad": {
			"off": [{"op": "replace", "path": in_("headGroupSpec/template/spec/containers/0/env/0/value"), "value": "disabled"}],
			"the operator told otherwise": [{"op": "add", "path": in_("authOptions"), "value": {"mode": "disabled"}}],
			"a token in the program": [{"op": "replace", "path": in_(concat("/", [worker, "1"])), "value": {"name": "RAY_AUTH_TOKEN", "value": {"$literal_secret": true}}}],
			"told twice": [{"op": "add", "path": in_(concat("/", [worker, "-"])), "value": {"name": "RAY_AUTH_MODE", "value": "disabled"}}],
			"told to the sidecar": [{"op": "move", "from": in_(worker), "path": in_("workerGroupSpecs/0/template/spec/containers/1/env")}],
		},
	},
}

test_good if harness.good("RAY-002", fixtures)

test_bad if harness.bad("RAY-002", fixtures)

test_absent if harness.absent("RAY-002", fixtures)

test_null if harness.null_("RAY-002", fixtures)

test_empty if harness.empty("RAY-002", fixtures)

test_unknown if harness.unknown("RAY-002", fixtures)

# A job on a cluster that is there already makes none that could be judged.
test_borrowed if {
	job := ray("RayJob", {"entrypoint": "python train.py", "clusterSelector": {"ray.io/cluster": "ray"}})
	results := harness.results("RAY-002") with input as harness.document(job)
	results == {}
}
