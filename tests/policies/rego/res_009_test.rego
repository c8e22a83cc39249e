package falaj_test.res_009

import data.falaj_test.cases
import data.falaj_test.harness

lake := {"type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "lake", "region": "me-central-1"}}

image := "123456789012.dkr.ecr.me-central-1.amazonaws.com/ray"

template(env) := {"spec": {"containers": [{"name": "ray", "image": image, "env": env}]}}

cluster(env) := {
	"headGroupSpec": {"rayStartParams": {}, "template": template(env)},
	"workerGroupSpecs": [{"groupName": "cpu", "rayStartParams": {}, "replicas": 1, "template": template(env)}],
}

# A resource of one of Ray's own types.
made(kind, spec, edges) := {
	"type": sprintf("kubernetes:ray.io/v1:%s", [kind]),
	"inputs": {"apiVersion": "ray.io/v1", "kind": kind, "metadata": {"name": "train"}, "spec": spec},
	"edges": edges,
}

job(env, edges) := {
	"type": "kubernetes:batch/v1:Job",
	"inputs": {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "load"}, "spec": {"template": {"spec": {
		"containers": [{"name": "load", "image": image, "args": ["--from", "s3://lake/raw"], "env": env}],
		"restartPolicy": "Never",
	}}}},
	"edges": edges,
}

head := "/resources/train/inputs/spec/headGroupSpec/template/spec/containers/0/env"

worker := "/resources/train/inputs/spec/workerGroupSpecs/0/template/spec/containers/0/env"

loader := "/resources/load/inputs/spec/template/spec/containers/0"

offline := [{"name": "HF_HUB_OFFLINE", "value": "1"}]

fixtures := {
	"ray cluster": {
		"subject": "train",
		"good": {"resources": {"lake": lake, "train": made(
			"RayCluster", cluster([
				{"name": "HF_HUB_OFFLINE", "value": "1"},
				{"name": "MLFLOW_TRACKING_URI", "value": "http://mlflow.tracking.svc:5000"},
				{"name": "STORAGE_PATH", "value": "s3://lake/checkpoints"},
				{"name": "AWS_REGION", "value": "me-central-1"},
				{"name": "DATA_BUCKET", "value": "lake"},
				{"name": "FALAJ_SCRATCH", "value": "/tmp/falaj"},
			]),
			{},
		)}},
		"paths": [
			head,
			concat("/", [head, "0/value"]),
			concat("/", [head, "1/value"]),
			concat("/", [head, "2/value"]),
			concat("/", [head, "3/value"]),
			concat("/", [head, "4/value"]),
			concat("/", [worker, "0/value"]),
			concat("/", [worker, "2/value"]),
		],
		"bad": {
			"a bucket of somebody else": [{"op": "replace", "path": concat("/", [head, "2/value"]), "value": "s3://elsewhere/checkpoints"}],
			"in a bucket abroad": [{"op": "replace", "path": "/resources/lake/inputs/region", "value": "us-east-1"}],
			"another's service": [{"op": "replace", "path": concat("/", [worker, "1/value"]), "value": "databricks"}],
			"a client abroad": [{"op": "replace", "path": concat("/", [head, "3/value"]), "value": "us-east-1"}],
			"models from abroad": [{"op": "remove", "path": concat("/", [worker, "0"])}],
			"a hub abroad": [{"op": "replace", "path": concat("/", [head, "0"]), "value": {
				"name": "HF_ENDPOINT",
				"value": "https://huggingface.co",
			}}],
			"by any name": [{"op": "replace", "path": concat("/", [head, "5/value"]), "value": "gs://elsewhere/scratch"}],
			"from where nobody sees": [{"op": "replace", "path": concat("/", [head, "2"]), "value": {
				"name": "STORAGE_PATH",
				"valueFrom": {"configMapKeyRef": {"name": "storage", "key": "path"}},
			}}],
			"nothing is allowed": [{"op": "add", "path": "/params", "value": {"regions": null, "hosts": null}}],
		},
	},
	"ray job": {
		"subject": "train",
		"good": {"resources": {"lake": lake, "train": made(
			"RayJob",
			{
				"entrypoint": "python train.py --head ray://head.ray.svc:10001 --data s3://lake/raw --out '/mnt/out'",
				"runtimeEnvYAML": "working_dir: \"s3://lake/code.zip\"\nenv_vars: {TRACKING: \"http://mlflow.tracking.svc:5000\"}\n",
				"rayClusterSpec": cluster(offline),
			},
			{},
		)}},
		"paths": ["/resources/train/inputs/spec/rayClusterSpec/headGroupSpec/template/spec/containers/0/env/0/value"],
		"bad": {
			"code from abroad": [{
				"op": "replace",
				"path": "/resources/train/inputs/spec/runtimeEnvYAML",
				"value": "working_dir: \"https://github.com/example/train/archive/main.zip\"\n",
			}],
			"data to somewhere else": [{
				"op": "replace",
				"path": "/resources/train/inputs/spec/entrypoint",
				"value": "python train.py --data s3://lake/raw --out gs://elsewhere/out",
			}],
			"no text": [{"op": "replace", "path": "/resources/train/inputs/spec/entrypoint", "value": ["s3://elsewhere"]}],
		},
	},
	"ray service": {
		"subject": "train",
		"good": {"resources": {"lake": lake, "train": made(
			"RayService",
			{
				"rayClusterConfig": cluster(offline),
				"serveConfigV2": cases.unknown,
			},
			{"spec": ["lake"]},
		)}},
		"paths": [
			"/resources/train/edges/spec",
			"/resources/train/inputs/spec/rayClusterConfig/workerGroupSpecs/0/template/spec/containers/0/env/0/value",
		],
		"bad": {"code from abroad": [{
			"op": "replace",
			"path": "/resources/train/inputs/spec/serveConfigV2",
			"value": "applications: [{runtime_env: {working_dir: https://github.com/example/serve/archive/main.zip}}]",
		}]},
		# Without the edge a text that is not known may name any place.
		"expect": {
			"absent": {"/resources/train/edges/spec": "indeterminate"},
			"null": {"/resources/train/edges/spec": "indeterminate"},
			"empty": {"/resources/train/edges/spec": "indeterminate"},
		},
	},
	"job": {
		"subject": "load",
		"good": {"resources": {
			"lake": lake,
			"mlflow": {"type": "kubernetes:core/v1:Service", "inputs": {
				"apiVersion": "v1",
				"kind": "Service",
				"metadata": {"name": "mlflow"},
				"spec": {"ports": [{"port": 5000}]},
			}},
			"load": job(
				[{"name": "DATA_URI", "value": cases.unknown}, {"name": "MLFLOW_TRACKING_URI", "value": cases.unknown}],
				{"spec.template.spec.containers[0].env[0].value": ["lake"], "spec.template.spec.containers[0].env[1].value": ["mlflow"]},
			),
		}},
		"paths": [
			concat("/", [loader, "env/0/value"]),
			concat("/", [loader, "env/1/value"]),
			"/resources/load/edges/spec.template.spec.containers[0].env[0].value",
			"/resources/load/edges/spec.template.spec.containers[0].env[1].value",
		],
		"bad": {
			"data from elsewhere": [{"op": "replace", "path": concat("/", [loader, "args/1"]), "value": "--from=s3://elsewhere/raw"}],
			"a hub's dataset": [{"op": "replace", "path": concat("/", [loader, "env/0/value"]), "value": "hf://datasets/example"}],
		},
		"expect": {
			"absent": {
				"/resources/load/edges/spec.template.spec.containers[0].env[0].value": "indeterminate",
				"/resources/load/edges/spec.template.spec.containers[0].env[1].value": "indeterminate",
			},
			"null": {
				"/resources/load/edges/spec.template.spec.containers[0].env[0].value": "indeterminate",
				"/resources/load/edges/spec.template.spec.containers[0].env[1].value": "indeterminate",
			},
			"empty": {
				"/resources/load/edges/spec.template.spec.containers[0].env[0].value": "indeterminate",
				"/resources/load/edges/spec.template.spec.containers[0].env[1].value": "indeterminate",
			},
			"unknown": {
				concat("/", [loader, "env/0/value"]): "pass",
				concat("/", [loader, "env/1/value"]): "pass",
			},
		},
	},
}

test_good if harness.good("RES-009", fixtures)

test_bad if harness.bad("RES-009", fixtures)

test_absent if harness.absent("RES-009", fixtures)

test_null if harness.null_("RES-009", fixtures)

test_empty if harness.empty("RES-009", fixtures)

test_unknown if harness.unknown("RES-009", fixtures)

given(name, value, others) := harness.verdict("RES-009", fixtures.job, {"resources": object.union(
	others,
	{"load": job([{"name": name, "value": value}], {}), "lake": lake},
)})

account := {"account": {
	"type": "azure-native:storage:StorageAccount",
	"inputs": {"accountName": "falajlake", "location": "uaenorth"},
}}

test_an_account_of_this_stack if {
	some uri in ["abfss://raw@falajlake.dfs.core.windows.net/2026", "https://falajlake.blob.core.windows.net/raw"]
	given("DATA_URI", uri, account) == "pass"
	given("DATA_URI", uri, {}) == "fail"
}

test_paths_are_in_the_pod if {
	given("DATA_PATH", "/mnt/data", {}) == "pass"
	given("DATA_PATH", "file:///mnt/data", {}) == "pass"
	given("DATA_PATH", "//elsewhere.example/data", {}) == "fail"
}

test_a_bare_host_is_an_endpoint_only if {
	given("S3_ENDPOINT", "minio.data.svc:9000", {}) == "pass"
	given("MODEL_URI", "minio.data.svc:9000", {}) == "fail"
}

test_a_service_of_the_cluster_is_in_the_country_and_one_called_alike_is_not if {
	given("MLFLOW_TRACKING_URI", "http://tracking.mlflow.svc:5000", {}) == "pass"
	given("MLFLOW_TRACKING_URI", "http://tracking.mlflow.svc.cluster.local:5000", {}) == "pass"
	every host in ["tracking.mlflow.svc.example.com", "tracking.mlflow.example-svc", "svc@example.com"] {
		given("MLFLOW_TRACKING_URI", sprintf("http://%s:5000", [host]), {}) == "fail"
	}
}

test_other_variables_are_not_asked if given("GREETING", "https://example.com", {}) == "pass"

test_a_hub_of_ones_own_is_no_need_to_be_offline if {
	fixture := fixtures["ray cluster"]
	own := harness.patched(fixture, [{"op": "replace", "path": concat("/", [head, "0"]), "value": {
		"name": "HF_ENDPOINT",
		"value": "http://hub.models.svc",
	}}])
	harness.verdict("RES-009", fixture, own) == "pass"
}

test_an_environment_that_is_not_known_may_say_anything if {
	harness.verdict("RES-009", fixtures["ray cluster"], harness.set_to(fixtures["ray cluster"], worker, cases.unknown)) == "indeterminate"
}

test_a_bucket_of_a_store_that_speaks_s3 if {
	reads("AWS_ENDPOINT_URL_S3", "https://objects.data.svc:9000") == "pass"
	reads("AWS_ENDPOINT_URL_S3", "https://objects.example.com") == "fail"
	reads("S3_ENDPOINT", "https://objects.data.svc:9000") == "fail"
}

reads(name, value) := harness.verdict("RES-009", fixtures.job, {"resources": {"load": job([{"name": name, "value": value}], {})}})
