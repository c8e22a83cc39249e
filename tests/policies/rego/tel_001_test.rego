package falaj_test.tel_001

import data.falaj_test.cases
import data.falaj_test.harness

registry := "123456789012.dkr.ecr.me-central-1.amazonaws.com"

variables(values) := [{"name": name, "value": value} | some name, value in values]

image(name) := sprintf("%s/%s@sha256:00", [registry, name])

deployment(containers) := {"resources": {"app": {
	"type": "kubernetes:apps/v1:Deployment",
	"inputs": {
		"apiVersion": "apps/v1",
		"kind": "Deployment",
		"metadata": {"name": "app", "namespace": "team"},
		"spec": {"selector": {"matchLabels": {"app": "app"}}, "template": {"spec": {"containers": containers}}},
	},
}}}

ray := variables({"DO_NOT_TRACK": "1", "RAY_USAGE_STATS_ENABLED": "0"})

group := {"rayStartParams": {}, "template": {"spec": {"containers": [
	{"name": "ray", "image": image("trainer"), "env": ray},
	{"name": "logs", "image": image("fluent-bit")},
]}}}

containers := "/resources/app/inputs/spec/template/spec/containers"

in_(below) := concat("/", [containers, below])

worker := "/resources/ray/inputs/spec/workerGroupSpecs/0/template/spec/containers"

fixtures := {
	"serving": {
		"subject": "app",
		"good": deployment([
			{"name": "model", "image": image("vllm-openai"), "env": variables({"DO_NOT_TRACK": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "VLLM_NO_USAGE_STATS": "1"})},
			{"name": "embed", "image": image("text-embeddings-inference"), "env": variables({"DO_NOT_TRACK": "1", "HF_HUB_DISABLE_TELEMETRY": "1"})},
			{"name": "nginx", "image": image("nginx")},
		]),
		"paths": [in_("0/env/0/value"), in_("0/env/1/value"), in_("0/env/2/value"), in_("0/env"), in_("1/env/0/value"), in_("1/env/1/value"), in_("1/env/1/name")],
		"bad": {
			"reports on": [{"op": "replace", "path": in_("0/env/2/value"), "value": "0"}],
			"said twice": [{"op": "add", "path": in_("0/env/-"), "value": {"name": "VLLM_NO_USAGE_STATS", "value": "0"}}],
			"a client of Ray": [{"op": "add", "path": in_("2/env"), "value": [{"name": "RAY_ADDRESS", "value": "ray://ray:10001"}]}],
			"by reference": [{"op": "replace", "path": in_("1/env/1"), "value": {
				"name": "HF_HUB_DISABLE_TELEMETRY",
				"valueFrom": {"configMapKeyRef": {"name": "conf", "key": "off"}},
			}}],
		},
	},
	"tracking": {
		"subject": "app",
		"good": deployment([{"name": "app", "image": image("team/app"), "env": variables({
			"DO_NOT_TRACK": "1",
			"MLFLOW_DISABLE_TELEMETRY": "true",
			"MLFLOW_TRACKING_URI": "http://mlflow.team.svc:5000",
		})}]),
		"paths": [in_("0/env/0/value"), in_("0/env/1/value")],
		"bad": {"reports on": [{"op": "remove", "path": in_("0/env/1")}]},
	},
	"cluster": {
		"subject": "ray",
		"good": {"resources": {"ray": {
			"type": "kubernetes:ray.io/v1:RayCluster",
			"inputs": {
				"apiVersion": "ray.io/v1",
				"kind": "RayCluster",
				"metadata": {"name": "ray", "namespace": "team"},
				"spec": {
					"rayVersion": "2.60.0",
					"headGroupSpec": group,
					"workerGroupSpecs": [object.union(group, {"groupName": "cpu", "maxReplicas": 2})],
				},
			},
		}}},
		"paths": [
			concat("/", [worker, "0/env/0/value"]),
			concat("/", [worker, "0/env/1/value"]),
			concat("/", [worker, "0/env/1/name"]),
			concat("/", [worker, "0/env"]),
			concat("/", [worker, "0"]),
			worker,
			"/resources/ray/inputs/spec/headGroupSpec",
			"/resources/ray/inputs/spec",
		],
		"bad": {
			"reports on": [{"op": "replace", "path": concat("/", [worker, "0/env/1/value"]), "value": "1"}],
			"reports on by default": [{"op": "remove", "path": "/resources/ray/inputs/spec/headGroupSpec/template/spec/containers/0/env"}],
		},
	},
}

test_good if harness.good("TEL-001", fixtures)

test_bad if harness.bad("TEL-001", fixtures)

test_absent if harness.absent("TEL-001", fixtures)

test_null if harness.null_("TEL-001", fixtures)

test_empty if harness.empty("TEL-001", fixtures)

test_unknown if harness.unknown("TEL-001", fixtures)

# What runs none of them is not asked.
test_others if {
	results := harness.results("TEL-001") with input as harness.document(deployment([{"name": "nginx", "image": image("nginx")}]))
	results == {}
}

# An image that is not known yet may be any of them.
test_unknown_image if {
	results := harness.results("TEL-001") with input as harness.document(deployment([{"name": "app", "image": cases.unknown}]))
	results.app.result == "indeterminate"
}
