package falaj_test.iam_003

import data.falaj_test.cases
import data.falaj_test.harness

spec(env) := {
	"serviceAccountName": "app",
	"containers": [{
		"name": "app",
		"image": "123456789012.dkr.ecr.me-central-1.amazonaws.com/app:1",
		"env": env,
	}],
}

workload(namespace, inside) := {
	"type": "kubernetes:apps/v1:Deployment",
	"inputs": {
		"apiVersion": "apps/v1",
		"kind": "Deployment",
		"metadata": {"name": "app", "namespace": namespace},
		"spec": {
			"selector": {"matchLabels": {"app": "app"}},
			"template": {"metadata": {"labels": {"app": "app"}}, "spec": inside},
		},
	},
}

settings := [{"name": "AWS_REGION", "value": "me-central-1"}]

pod := "/resources/app/inputs/spec/template/spec"

container := concat("/", [pod, "containers/0"])

from_secret(name) := {"name": name, "valueFrom": {"secretKeyRef": {"name": "cloud", "key": "key"}}}

fixtures := {
	"deployment": {
		"subject": "app",
		"good": {"resources": {"app": workload("falcon", spec(settings))}},
		"paths": [concat("/", [pod, "serviceAccountName"]), pod, "/resources/app/inputs/spec/template", "/resources/app/inputs/spec"],
		"bad": object.union(
			{name: [{"op": "add", "path": concat("/", [container, "env/-"]), "value": from_secret(name)}] |
				some name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AZURE_CLIENT_SECRET"]
			},
			{
				"the account of all": [{"op": "replace", "path": concat("/", [pod, "serviceAccountName"]), "value": "default"}],
				"a key in plain text": [{
					"op": "add",
					"path": concat("/", [container, "env/-"]),
					"value": {"name": "AWS_SECRET_ACCESS_KEY", "value": {"$literal_secret": true}},
				}],
				"a key that is not known yet": [{
					"op": "add",
					"path": concat("/", [container, "env/-"]),
					"value": {"name": "AWS_SECRET_ACCESS_KEY", "value": cases.unknown},
				}],
				"twice": [
					{"op": "add", "path": concat("/", [container, "env/-"]), "value": from_secret("AWS_ACCESS_KEY_ID")},
					{"op": "add", "path": concat("/", [container, "env/-"]), "value": from_secret("AWS_ACCESS_KEY_ID")},
				],
				"before it starts": [{
					"op": "add",
					"path": concat("/", [pod, "initContainers"]),
					"value": [{"name": "init", "image": "init", "env": [from_secret("AWS_ACCESS_KEY_ID")]}],
				}],
			},
		),
	},
	"account of this stack": {
		"subject": "app",
		"good": {"resources": {
			"app": object.union(
				workload(cases.unknown, object.union(spec(settings), {"serviceAccountName": cases.unknown})),
				{"edges": {"metadata": ["ns"], "spec": ["account"]}},
			),
			"account": {
				"type": "kubernetes:core/v1:ServiceAccount",
				"inputs": {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "app", "namespace": "falcon"}},
			},
			"ns": {
				"type": "kubernetes:core/v1:Namespace",
				"inputs": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "falcon"}},
			},
		}},
		"paths": [concat("/", [pod, "serviceAccountName"]), "/resources/app/edges/spec"],
		"bad": {"the account of all": [{"op": "replace", "path": concat("/", [pod, "serviceAccountName"]), "value": "default"}]},
		# The edge says which account it is; without one, it is not known.
		"expect": {
			"absent": {"/resources/app/edges/spec": "indeterminate"},
			"null": {"/resources/app/edges/spec": "indeterminate"},
			"empty": {"/resources/app/edges/spec": "indeterminate"},
			"unknown": {concat("/", [pod, "serviceAccountName"]): "pass"},
		},
	},
	"ray": {
		"subject": "ray",
		"good": {"resources": {"ray": {
			"type": "kubernetes:ray.io/v1:RayCluster",
			"inputs": {
				"apiVersion": "ray.io/v1",
				"kind": "RayCluster",
				"metadata": {"name": "ray", "namespace": "falcon"},
				"spec": {
					"headGroupSpec": {"rayStartParams": {}, "template": {"spec": spec(settings)}},
					"workerGroupSpecs": [{"groupName": "gpu", "rayStartParams": {}, "template": {"spec": spec(settings)}}],
				},
			},
		}}},
		"paths": [
			"/resources/ray/inputs/spec/headGroupSpec",
			"/resources/ray/inputs/spec/headGroupSpec/template",
			"/resources/ray/inputs/spec/headGroupSpec/template/spec/serviceAccountName",
			"/resources/ray/inputs/spec/workerGroupSpecs/0/template/spec/serviceAccountName",
		],
		"bad": {"a key in a worker": [{
			"op": "add",
			"path": "/resources/ray/inputs/spec/workerGroupSpecs/0/template/spec/containers/0/env/-",
			"value": from_secret("AWS_ACCESS_KEY_ID"),
		}]},
	},
}

test_good if harness.good("IAM-003", fixtures)

test_bad if harness.bad("IAM-003", fixtures)

test_absent if harness.absent("IAM-003", fixtures)

test_null if harness.null_("IAM-003", fixtures)

test_empty if harness.empty("IAM-003", fixtures)

test_unknown if harness.unknown("IAM-003", fixtures)

plain := object.remove(spec([]), ["serviceAccountName"])

test_of_the_cluster_itself if {
	harness.verdict("IAM-003", {"subject": "app"}, {"resources": {"app": workload("kube-system", plain)}}) == "nothing"
	harness.verdict("IAM-003", {"subject": "app"}, {"resources": {"app": workload("default", plain)}}) == "fail"
}

# Which variables they are may be known later.
test_settings_that_are_not_known if {
	every env in [cases.unknown, [{"name": cases.unknown, "value": "1"}]] {
		harness.verdict("IAM-003", {"subject": "app"}, {"resources": {"app": workload("falcon", spec(env))}}) == "indeterminate"
	}
}
