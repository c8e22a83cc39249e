package falaj_test.k8s_004

import data.falaj_test.cases
import data.falaj_test.harness

namespace(name, tenant) := {
	"type": "kubernetes:core/v1:Namespace",
	"inputs": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"falaj.ae/tenant": tenant}}},
}

quota := {
	"type": "kubernetes:core/v1:ResourceQuota",
	"inputs": {
		"apiVersion": "v1",
		"kind": "ResourceQuota",
		"metadata": {"name": "quota", "namespace": "falcon"},
		"spec": {"hard": {"requests.nvidia.com/gpu": "4"}},
	},
}

range := {
	"type": "kubernetes:core/v1:LimitRange",
	"inputs": {
		"apiVersion": "v1",
		"kind": "LimitRange",
		"metadata": {"name": "limits", "namespace": "falcon"},
		"spec": {"limits": [{"type": "Container", "default": {"cpu": "1"}}]},
	},
}

binding(namespace) := {
	"type": "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
	"inputs": {
		"apiVersion": "rbac.authorization.k8s.io/v1",
		"kind": "RoleBinding",
		"metadata": {"name": "members", "namespace": namespace},
		"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "member"},
		"subjects": [{"kind": "Group", "name": "falcon", "apiGroup": "rbac.authorization.k8s.io"}],
	},
}

account := {
	"type": "kubernetes:core/v1:ServiceAccount",
	"inputs": {
		"apiVersion": "v1",
		"kind": "ServiceAccount",
		"metadata": {"name": "app", "namespace": "falcon", "annotations": {"bucket": cases.unknown, "models": cases.unknown, "vpc": cases.unknown}},
	},
	"edges": {"metadata": ["bucket", "models", "vpc"]},
}

bucket(tenant) := {"type": "aws:s3/bucket:Bucket", "inputs": {"tags": {"tenant": tenant}}}

label := "/resources/ns/inputs/metadata/labels/falaj.ae~1tenant"

fixtures := {
	"namespace": {
		"subject": "ns",
		"good": {"resources": {
			"ns": namespace("falcon", "falcon"),
			"quota": quota,
			"range": range,
			"binding": object.union(binding(cases.unknown), {"edges": {"metadata": ["ns"]}}),
		}},
		"paths": [
			label,
			"/resources/ns/inputs/metadata/labels",
			"/resources/ns/inputs/metadata",
			"/resources/quota/inputs/spec/hard",
			"/resources/quota/inputs/spec",
			"/resources/quota/inputs/metadata/namespace",
			"/resources/range/inputs/spec/limits",
			"/resources/range/inputs/metadata/namespace",
			"/resources/binding/inputs/subjects",
			"/resources/binding/edges/metadata",
		],
		"bad": {
			"nobody's": [{"op": "replace", "path": label, "value": " "}],
			"no quota": [{"op": "remove", "path": "/resources/quota"}],
			"no limits": [{"op": "remove", "path": "/resources/range"}],
			"nobody bound": [{"op": "remove", "path": "/resources/binding"}],
			"bound elsewhere": [{"op": "replace", "path": "/resources/binding/inputs/metadata/namespace", "value": "ibis"}],
		},
		# What is in no namespace that is known is not in this one.
		"expect": {"unknown": {
			"/resources/quota/inputs/metadata/namespace": "fail",
			"/resources/range/inputs/metadata/namespace": "fail",
			"/resources/binding/edges/metadata": "fail",
			"/resources/ns/inputs/metadata": "fail",
		}},
	},
	"shared namespace": {
		"subject": "ns",
		"good": {"resources": {"ns": namespace("gateway", "shared")}},
		"paths": [label],
		"bad": {"a tenant's without limits": [{"op": "replace", "path": label, "value": "falcon"}]},
		"expect": {"unknown": {label: "fail"}},
	},
	"account": {
		"subject": "app",
		"good": {"resources": {
			"app": account,
			"ns": namespace("falcon", "falcon"),
			"bucket": bucket("falcon"),
			"models": bucket("shared"),
			"vpc": {"type": "aws:ec2/vpc:Vpc", "inputs": {"cidrBlock": "10.0.0.0/16"}},
		}},
		"paths": ["/resources/bucket/inputs/tags/tenant", label],
		"bad": {
			"another tenant's bucket": [{"op": "replace", "path": "/resources/bucket/inputs/tags/tenant", "value": "ibis"}],
			"another tenant's namespace": [{"op": "replace", "path": label, "value": "ibis"}],
			"itself another tenant's": [{"op": "add", "path": "/resources/app/inputs/metadata/labels", "value": {"tenant": "ibis"}}],
		},
		# What says nothing belongs to nobody (TAG-001); without its namespace's, the account has no tenant itself.
		"expect": {
			"absent": {"/resources/bucket/inputs/tags/tenant": "pass", label: "nothing"},
			"null": {"/resources/bucket/inputs/tags/tenant": "pass", label: "nothing"},
		},
	},
	"cloud": {
		"subject": "object",
		"good": {"resources": {
			"object": {
				"type": "aws:s3/bucketObjectv2:BucketObjectv2",
				"inputs": {"bucket": cases.unknown, "key": "model", "tags": {"tenant": "falcon"}},
				"edges": {"bucket": ["bucket"]},
			},
			"bucket": bucket("falcon"),
		}},
		"paths": ["/resources/object/inputs/tags/tenant", "/resources/bucket/inputs/tags/tenant"],
		"bad": {"another tenant's": [{"op": "replace", "path": "/resources/object/inputs/tags/tenant", "value": "ibis"}]},
		"expect": {
			"absent": {"/resources/object/inputs/tags/tenant": "nothing", "/resources/bucket/inputs/tags/tenant": "pass"},
			"null": {"/resources/object/inputs/tags/tenant": "nothing", "/resources/bucket/inputs/tags/tenant": "pass"},
		},
	},
}

test_good if harness.good("K8S-004", fixtures)

test_bad if harness.bad("K8S-004", fixtures)

test_absent if harness.absent("K8S-004", fixtures)

test_null if harness.null_("K8S-004", fixtures)

test_empty if harness.empty("K8S-004", fixtures)

test_unknown if harness.unknown("K8S-004", fixtures)
