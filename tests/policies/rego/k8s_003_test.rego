package falaj_test.k8s_003

import data.falaj_test.harness

image := "123456789012.dkr.ecr.me-central-1.amazonaws.com/app@sha256:00"

claims := {"cpu": "500m", "memory": "1.5Gi", "ephemeral-storage": "2Gi"}

gpu := object.union(claims, {"nvidia.com/gpu": "1"})

spec := "/resources/app/inputs/spec/template/spec"

resources := concat("/", [spec, "containers/0/resources"])

head := "/resources/ray/inputs/spec/headGroupSpec/template/spec/containers/0"

in_(base, path) := concat("/", [base, path])

fixtures := {
	"deployment": {
		"subject": "app",
		"good": {"resources": {"app": {
			"type": "kubernetes:apps/v1:StatefulSet",
			"inputs": {
				"apiVersion": "apps/v1",
				"kind": "StatefulSet",
				"metadata": {"name": "app", "namespace": "team"},
				"spec": {"serviceName": "app", "selector": {"matchLabels": {"app": "app"}}, "template": {"spec": {
					"initContainers": [{"name": "wait", "image": image, "resources": {"requests": claims, "limits": claims}}],
					"containers": [{"name": "app", "image": image, "resources": {"requests": gpu, "limits": gpu}}],
					"ephemeralContainers": [{"name": "debug", "image": image}],
				}}},
			},
		}}},
		"paths": array.concat(
			[in_(resources, concat("/", [kind, name])) |
				some kind in ["limits", "requests"]
				some name in ["cpu", "memory", "ephemeral-storage"]
			],
			[in_(resources, "limits/nvidia.com~1gpu"), in_(resources, "limits"), in_(resources, "requests"), resources, in_(spec, "containers"), in_(spec, "initContainers/0/resources"), spec],
		),
		"bad": {
			"a limit of nothing": [{"op": "replace", "path": in_(resources, "limits/memory"), "value": "0.0Gi"}],
			"a negative limit": [{"op": "replace", "path": in_(resources, "limits/cpu"), "value": "-1"}],
			"fewer GPUs than requested": [{"op": "replace", "path": in_(resources, "requests/nvidia.com~1gpu"), "value": "2"}],
			"requests alone": [{"op": "remove", "path": in_(resources, "limits")}],
			"a second container": [{"op": "add", "path": in_(spec, "containers/-"), "value": {"name": "log", "image": image}}],
		},
	},
	"ray": {
		"subject": "ray",
		"good": {"resources": {"ray": {
			"type": "kubernetes:ray.io/v1:RayCluster",
			"inputs": {
				"apiVersion": "ray.io/v1",
				"kind": "RayCluster",
				"metadata": {"name": "ray", "namespace": "team"},
				"spec": {"rayVersion": "2.52.0", "headGroupSpec": {"rayStartParams": {}, "template": {"spec": {"containers": [{
					"name": "ray",
					"image": image,
					"resources": {
						"requests": object.union(claims, {"cpu": 2, "nvidia.com/gpu": 1}),
						"limits": object.union(claims, {"cpu": 2, "nvidia.com/gpu": "1"}),
					},
				}]}}}},
			},
		}}},
		"paths": [in_(head, "resources/limits/cpu"), in_(head, "resources/requests/cpu"), in_(head, "resources/limits/nvidia.com~1gpu"), head, "/resources/ray/inputs/spec/headGroupSpec"],
		"bad": {
			"no limits": [{"op": "remove", "path": in_(head, "resources/limits")}],
			"no storage": [{"op": "remove", "path": in_(head, "resources/limits/ephemeral-storage")}],
		},
	},
}

test_good if harness.good("K8S-003", fixtures)

test_bad if harness.bad("K8S-003", fixtures)

test_absent if harness.absent("K8S-003", fixtures)

test_null if harness.null_("K8S-003", fixtures)

test_empty if harness.empty("K8S-003", fixtures)

test_unknown if harness.unknown("K8S-003", fixtures)
