package falaj_test.img_001

import data.falaj_test.harness

digest := "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

image := concat("@", ["123456789012.dkr.ecr.me-central-1.amazonaws.com/ray:2.52.0", digest])

container(name) := {"name": name, "image": image}

template := {"spec": {"containers": [container("app")], "initContainers": [container("init")]}}

workload(version, kind, spec) := {"resources": {"work": {
	"type": sprintf("kubernetes:%s:%s", [object.get({"v1": "core/v1"}, version, version), kind]),
	"inputs": {"apiVersion": version, "kind": kind, "metadata": {"name": "work", "namespace": "team"}, "spec": spec},
}}}

ray := {
	"rayVersion": "2.52.0",
	"headGroupSpec": {"rayStartParams": {}, "template": template},
	"workerGroupSpecs": [{"groupName": "gpu", "replicas": 1, "rayStartParams": {}, "template": template}],
}

at(path) := concat("/", ["/resources/work/inputs/spec", path])

image_paths(template_path) := [at(concat("/", [template_path, path])) |
	some path in ["spec", "spec/containers", "spec/containers/0", "spec/containers/0/image", "spec/initContainers/0/image"]
]

bad(template_path) := {
	"a tag": replaced(template_path, "123456789012.dkr.ecr.me-central-1.amazonaws.com/ray:2.52.0"),
	"the latest": replaced(template_path, "123456789012.dkr.ecr.me-central-1.amazonaws.com/ray:latest"),
	"half a digest": replaced(template_path, "123456789012.dkr.ecr.me-central-1.amazonaws.com/ray@sha256:0123abcd"),
	"nothing but a digest": replaced(template_path, concat("", ["@", digest])),
	"no container": [{"op": "replace", "path": at(concat("/", [template_path, "spec/containers"])), "value": []}],
}

replaced(template_path, name) := [{
	"op": "replace",
	"path": at(concat("/", [template_path, "spec/containers/0/image"])),
	"value": name,
}]

fixtures := {
	"deployment": {
		"subject": "work",
		"good": workload("apps/v1", "Deployment", {
			"selector": {"matchLabels": {"app": "work"}},
			"template": template,
		}),
		"paths": array.concat(image_paths("template"), [at("template")]),
		"bad": bad("template"),
	},
	"pod": {
		"subject": "work",
		"good": workload("v1", "Pod", object.union(template.spec, {"ephemeralContainers": [container("debug")]})),
		"paths": [
			"/resources/work/inputs/spec",
			at("containers"),
			at("containers/0/image"),
			at("initContainers/0/image"),
			at("ephemeralContainers/0/image"),
		],
		"bad": {
			"another image": [{"op": "replace", "path": at("containers/0/image"), "value": "docker.io/library/python:3.11"}],
			"no containers": [{"op": "remove", "path": at("containers")}],
		},
	},
	"cron job": {
		"subject": "work",
		"good": workload("batch/v1", "CronJob", {
			"schedule": "0 1 * * *",
			"jobTemplate": {"spec": {"template": template}},
		}),
		"paths": array.concat(image_paths("jobTemplate/spec/template"), [at("jobTemplate")]),
		"bad": bad("jobTemplate/spec/template"),
	},
	"Ray cluster": {
		"subject": "work",
		"good": workload("ray.io/v1", "RayCluster", ray),
		"paths": array.flatten([image_paths("headGroupSpec/template"), image_paths("workerGroupSpecs/0/template"), [at("workerGroupSpecs/0")]]),
		"bad": object.union(bad("headGroupSpec/template"), {
			"a bad worker": [{"op": "replace", "path": at("workerGroupSpecs/0/template/spec/containers/0/image"), "value": "rayproject/ray"}],
		}),
		# Fewer groups are fewer pods.
		"expect": {"absent": {at("workerGroupSpecs/0"): "pass"}},
	},
	"Ray job": {
		"subject": "work",
		"good": workload("ray.io/v1", "RayJob", {"entrypoint": "python train.py", "rayClusterSpec": ray}),
		"paths": array.concat(image_paths("rayClusterSpec/headGroupSpec/template"), image_paths("rayClusterSpec/workerGroupSpecs/0/template")),
		"bad": bad("rayClusterSpec/workerGroupSpecs/0/template"),
	},
	"Ray service": {
		"subject": "work",
		"good": workload("ray.io/v1", "RayService", {"serveConfigV2": "applications: []", "rayClusterConfig": ray}),
		"paths": array.concat(image_paths("rayClusterConfig/headGroupSpec/template"), image_paths("rayClusterConfig/workerGroupSpecs/0/template")),
		"bad": bad("rayClusterConfig/headGroupSpec/template"),
	},
}

test_good if harness.good("IMG-001", fixtures)

test_bad if harness.bad("IMG-001", fixtures)

test_absent if harness.absent("IMG-001", fixtures)

test_null if harness.null_("IMG-001", fixtures)

test_empty if harness.empty("IMG-001", fixtures)

test_unknown if harness.unknown("IMG-001", fixtures)
