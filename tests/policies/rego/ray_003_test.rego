package falaj_test.ray_003

import data.falaj_test.harness

registry := "123456789012.dkr.ecr.me-central-1.amazonaws.com"

cluster := {
	"rayVersion": "2.60.0",
	"headGroupSpec": {"rayStartParams": {}, "template": {"spec": {"containers": [{"name": "ray", "image": concat("", [registry, "/ray:2.60.0-py311@sha256:00"])}]}}},
	"workerGroupSpecs": [{"groupName": "gpu", "maxReplicas": 2, "rayStartParams": {}, "template": {"spec": {"containers": [
		{"name": "ray", "image": concat("", [registry, ":5000/team/trainer@sha256:00"])},
		{"name": "logs", "image": concat("", [registry, "/fluent-bit:4.1.0"])},
	]}}}],
}

store := {"gcsFaultToleranceOptions": {
	"redisAddress": "rediss://redis.team.svc:6379",
	"redisPassword": {"valueFrom": {"secretKeyRef": {"name": "redis", "key": "password"}}},
}}

ray(kind, spec) := {
	"stack": object.union(harness.stack, {"profile": "dev"}),
	"params": harness.params,
	"resources": {"ray": {
		"type": concat("", ["kubernetes:ray.io/v1:", kind]),
		"inputs": {"apiVersion": "ray.io/v1", "kind": kind, "metadata": {"name": "ray", "namespace": "team"}, "spec": spec},
	}},
}

spec := "/resources/ray/inputs/spec"

in_(below) := concat("/", [spec, below])

owners := "/resources/ray/inputs/metadata/ownerReferences"

owner(field) := concat("/", [owners, "0", field])

image := "headGroupSpec/template/spec/containers/0/image"

fixtures := {
	"service": {
		"subject": "ray",
		"good": ray("RayService", {"rayClusterConfig": object.union(cluster, store)}),
		"paths": array.concat(
			[in_(concat("/", ["rayClusterConfig", path])) |
				some path in ["rayVersion", image, "gcsFaultToleranceOptions/redisAddress", "gcsFaultToleranceOptions/redisPassword", "gcsFaultToleranceOptions/redisPassword/valueFrom/secretKeyRef/name", "gcsFaultToleranceOptions/redisPassword/valueFrom/secretKeyRef/key", "gcsFaultToleranceOptions", "headGroupSpec"]
			],
			[in_("rayClusterConfig"), spec],
		),
		"bad": {
			"an old Ray": [{"op": "replace", "path": in_("rayClusterConfig/rayVersion"), "value": "2.51.2"}],
			"a version that is none": [{"op": "replace", "path": in_("rayClusterConfig/rayVersion"), "value": "latest"}],
			"an old image": [{"op": "replace", "path": in_(concat("/", ["rayClusterConfig", image])), "value": "rayproject/ray:2.40.0"}],
			"Redis in clear": [{"op": "replace", "path": in_("rayClusterConfig/gcsFaultToleranceOptions/redisAddress"), "value": "redis:6379"}],
			"a password in the program": [{"op": "replace", "path": in_("rayClusterConfig/gcsFaultToleranceOptions/redisPassword"), "value": {"value": {"$secret": true}}}],
			"no least version": [{"op": "replace", "path": "/params/ray_version_min", "value": null}],
		},
	},
	"cluster": {
		"subject": "ray",
		"good": object.union(ray("RayCluster", object.union(cluster, store)), {"stack": {"profile": "prod"}}),
		"paths": [in_("rayVersion"), in_("gcsFaultToleranceOptions/redisAddress"), in_("gcsFaultToleranceOptions"), spec],
		"bad": {"no store": [{"op": "remove", "path": in_("gcsFaultToleranceOptions")}]},
	},
	"cluster for development": {
		"subject": "ray",
		"good": ray("RayCluster", cluster),
		"paths": [in_("rayVersion"), in_(image)],
		"bad": {
			"a store in clear": [{"op": "add", "path": in_("gcsFaultToleranceOptions"), "value": {"redisAddress": "redis:6379"}}],
			"in production": [{"op": "replace", "path": "/stack/profile", "value": "prod"}],
		},
	},
	"cluster of a job": {
		"subject": "ray",
		"good": object.union(ray("RayCluster", cluster), {
			"stack": {"profile": "prod"},
			"resources": {"ray": {"inputs": {"metadata": {"ownerReferences": [{"apiVersion": "ray.io/v1", "kind": "RayJob", "name": "train", "uid": "1", "controller": true}]}}}},
		}),
		"paths": [in_("rayVersion"), in_(image)],
		"bad": {
			"nobody's": [{"op": "remove", "path": owners}],
			"a service's": [{"op": "replace", "path": owner("kind"), "value": "RayService"}],
			"another's kind": [{"op": "replace", "path": owner("apiVersion"), "value": "example.ae/v1"}],
			"a job's that does not control it": [{"op": "remove", "path": owner("controller")}],
			"no job's that is there": [{"op": "replace", "path": owner("uid"), "value": ""}],
			"another's, too": [{"op": "add", "path": concat("/", [owners, "1"]), "value": {"apiVersion": "v1", "kind": "ConfigMap", "name": "stays", "uid": "2"}}],
		},
	},
	"job": {
		"subject": "ray",
		"good": object.union(ray("RayJob", {"entrypoint": "python train.py", "rayClusterSpec": cluster}), {"stack": {"profile": "prod"}}),
		"paths": [in_("rayClusterSpec/rayVersion"), in_("rayClusterSpec")],
		"bad": {"an old Ray": [{"op": "replace", "path": in_("rayClusterSpec/rayVersion"), "value": "2.9.3"}]},
	},
}

test_good if harness.good("RAY-003", fixtures)

test_bad if harness.bad("RAY-003", fixtures)

test_absent if harness.absent("RAY-003", fixtures)

test_null if harness.null_("RAY-003", fixtures)

test_empty if harness.empty("RAY-003", fixtures)

test_unknown if harness.unknown("RAY-003", fixtures)
