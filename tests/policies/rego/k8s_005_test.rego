package falaj_test.k8s_005

import data.falaj_test.cases
import data.falaj_test.harness

containers := [{"name": "app", "image": "123456789012.dkr.ecr.me-central-1.amazonaws.com/app@sha256:00"}]

deployment(template) := {
	"type": "kubernetes:apps/v1:Deployment",
	"inputs": {
		"apiVersion": "apps/v1",
		"kind": "Deployment",
		"metadata": {"name": "app", "namespace": "team"},
		"spec": {"selector": {"matchLabels": {"app": "app"}}, "template": template},
	},
}

account(namespace) := {
	"type": "kubernetes:core/v1:ServiceAccount",
	"inputs": {
		"apiVersion": "v1",
		"kind": "ServiceAccount",
		"metadata": {"name": "app", "namespace": namespace},
		"automountServiceAccountToken": false,
	},
}

spec := "/resources/app/inputs/spec/template/spec"

token := concat("/", [spec, "automountServiceAccountToken"])

reason := "/resources/app/inputs/spec/template/metadata/annotations/falaj.ae~1needs-token"

mounted := "/resources/account/inputs/automountServiceAccountToken"

fixtures := {
	"pod": {
		"subject": "app",
		"good": {"resources": {"app": deployment({"spec": {"automountServiceAccountToken": false, "containers": containers}})}},
		"paths": [token, spec, "/resources/app/inputs/spec/template", "/resources/app/inputs/spec"],
		"bad": {"a token": [{"op": "replace", "path": token, "value": true}]},
	},
	"reason": {
		"subject": "app",
		"good": {"resources": {"app": deployment({
			"metadata": {"annotations": {"falaj.ae/needs-token": "watches its own jobs"}},
			"spec": {"automountServiceAccountToken": true, "containers": containers},
		})}},
		"paths": [reason, "/resources/app/inputs/spec/template/metadata/annotations", "/resources/app/inputs/spec/template/metadata"],
		"bad": {"a blank reason": [{"op": "replace", "path": reason, "value": " "}]},
		# A reason that is not known yet is none: the value beside it is known, and wrong.
		"expect": {"unknown": {
			reason: "fail",
			"/resources/app/inputs/spec/template/metadata/annotations": "fail",
			"/resources/app/inputs/spec/template/metadata": "fail",
		}},
	},
	"account by name": {
		"subject": "app",
		"good": {"resources": {
			"app": deployment({"spec": {"serviceAccountName": "app", "containers": containers}}),
			"account": account("team"),
		}},
		"paths": [mounted, "/resources/account/inputs/metadata/name", "/resources/account/inputs/metadata/namespace", concat("/", [spec, "serviceAccountName"]), "/resources/account/inputs"],
		"bad": {
			"a token": [{"op": "replace", "path": mounted, "value": true}],
			"a token in the pod": [{"op": "add", "path": token, "value": true}],
			"another account": [{"op": "replace", "path": concat("/", [spec, "serviceAccountName"]), "value": "other"}],
			"an account elsewhere": [{"op": "replace", "path": "/resources/account/inputs/metadata/namespace", "value": "other"}],
			"two accounts": [{"op": "add", "path": "/resources/second", "value": object.union(account("team"), {"inputs": {"automountServiceAccountToken": true}})}],
		},
		# Which account it is has to be known, or shown by an edge.
		"expect": {"unknown": {
			"/resources/account/inputs/metadata/name": "fail",
			"/resources/account/inputs/metadata/namespace": "fail",
			concat("/", [spec, "serviceAccountName"]): "fail",
			"/resources/account/inputs": "fail",
		}},
	},
	"account by edge": {
		"subject": "app",
		"good": {"resources": {
			"app": object.union(
				deployment({"spec": {"serviceAccountName": cases.unknown, "containers": containers}}),
				{"edges": {"spec": ["account"]}},
			),
			"account": account(cases.unknown),
		}},
		"paths": [mounted, "/resources/app/edges/spec", "/resources/account"],
		"bad": {"a token": [{"op": "replace", "path": mounted, "value": true}]},
		# No account that could be asked.
		"expect": {"unknown": {"/resources/app/edges/spec": "fail", "/resources/account": "fail"}},
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
					"rayVersion": "2.52.0",
					"headGroupSpec": {"rayStartParams": {}, "template": {
						"metadata": {"annotations": {"falaj.ae/needs-token": "the autoscaler changes the number of workers"}},
						"spec": {"containers": containers},
					}},
					"workerGroupSpecs": [{"groupName": "cpu", "maxReplicas": 2, "rayStartParams": {}, "template": {"spec": {
						"automountServiceAccountToken": false,
						"containers": containers,
					}}}],
				},
			},
		}}},
		"paths": [
			"/resources/ray/inputs/spec/workerGroupSpecs/0/template/spec/automountServiceAccountToken",
			"/resources/ray/inputs/spec/headGroupSpec/template/metadata/annotations/falaj.ae~1needs-token",
			"/resources/ray/inputs/spec/headGroupSpec",
		],
		"bad": {"workers with a token": [{
			"op": "replace",
			"path": "/resources/ray/inputs/spec/workerGroupSpecs/0/template/spec/automountServiceAccountToken",
			"value": true,
		}]},
		"expect": {"unknown": {"/resources/ray/inputs/spec/headGroupSpec/template/metadata/annotations/falaj.ae~1needs-token": "fail"}},
	},
}

test_good if harness.good("K8S-005", fixtures)

test_bad if harness.bad("K8S-005", fixtures)

test_absent if harness.absent("K8S-005", fixtures)

test_null if harness.null_("K8S-005", fixtures)

test_empty if harness.empty("K8S-005", fixtures)

test_unknown if harness.unknown("K8S-005", fixtures)
