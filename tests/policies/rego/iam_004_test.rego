package falaj_test.iam_004

import data.falaj_test.cases
import data.falaj_test.harness

api := "rbac.authorization.k8s.io"

role(kind, rules) := {
	"type": concat("", ["kubernetes:rbac.authorization.k8s.io/v1:", kind]),
	"inputs": {
		"apiVersion": concat("/", [api, "v1"]),
		"kind": kind,
		"metadata": {"name": "reader"},
		"rules": rules,
	},
}

binding(kind, name) := {
	"type": concat("", ["kubernetes:rbac.authorization.k8s.io/v1:", kind]),
	"inputs": {
		"apiVersion": concat("/", [api, "v1"]),
		"kind": kind,
		"metadata": {"name": "readers"},
		"roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": name},
		"subjects": [{"kind": "ServiceAccount", "name": "app", "namespace": "falcon"}],
	},
}

rule := "/resources/role/inputs/rules/0"

set_to(path, value) := [{"op": "add", "path": path, "value": value}]

bad := {
	"every verb": set_to(concat("/", [rule, "verbs"]), ["*"]),
	"every resource": set_to(concat("/", [rule, "resources/-"]), "*"),
	"every part of a resource": set_to(concat("/", [rule, "resources"]), ["pods/*"]),
	"every group": set_to(concat("/", [rule, "apiGroups/-"]), "*"),
	"may escalate": set_to(concat("/", [rule, "verbs/-"]), "escalate"),
	"may bind": set_to(concat("/", [rule, "verbs/-"]), "bind"),
	"may impersonate": set_to(concat("/", [rule, "verbs/-"]), "impersonate"),
}

name := "/resources/binding/inputs/roleRef/name"

who := "/resources/binding/inputs/subjects/0/name"

fixtures := {
	"role": {
		"subject": "role",
		"good": {"resources": {"role": role("Role", [{"apiGroups": ["", "apps"], "resources": ["pods", "pods/log"], "verbs": ["get", "list"]}])}},
		"paths": [
			concat("/", [rule, "verbs"]),
			concat("/", [rule, "verbs/0"]),
			concat("/", [rule, "resources"]),
			concat("/", [rule, "resources/0"]),
			concat("/", [rule, "apiGroups"]),
			rule,
		],
		"bad": bad,
		# A rule, a verb or a resource less grants less.
		"expect": {"absent": {rule: "pass", concat("/", [rule, "verbs/0"]): "pass", concat("/", [rule, "resources/0"]): "pass"}},
	},
	"cluster role": {
		"subject": "role",
		"good": {"resources": {"role": role("ClusterRole", [
			{"nonResourceURLs": ["/metrics", "/healthz/*"], "verbs": ["get"]},
			{"apiGroups": [""], "resources": ["nodes"], "resourceNames": ["node-1"], "verbs": ["get"]},
		])}},
		"paths": [concat("/", [rule, "nonResourceURLs"]), concat("/", [rule, "nonResourceURLs/0"]), concat("/", [rule, "verbs"])],
		"bad": {
			"every address": set_to(concat("/", [rule, "nonResourceURLs"]), ["*"]),
			"every address below the root": set_to(concat("/", [rule, "nonResourceURLs/-"]), "/*"),
			"every verb": set_to(concat("/", [rule, "verbs"]), ["*"]),
		},
		"expect": {"absent": {concat("/", [rule, "nonResourceURLs/0"]): "pass"}},
	},
	"binding": {
		"subject": "binding",
		"good": {"resources": {"binding": binding("RoleBinding", "view")}},
		"paths": [name, who, "/resources/binding/inputs/roleRef"],
		"bad": {
			"administrators": set_to(name, "cluster-admin"),
			"everybody who is known": set_to("/resources/binding/inputs/subjects/-", {"kind": "Group", "apiGroup": api, "name": "system:authenticated"}),
			"everybody": set_to("/resources/binding/inputs/subjects/-", {"kind": "Group", "apiGroup": api, "name": "system:unauthenticated"}),
			"nobody in particular": set_to("/resources/binding/inputs/subjects/-", {"kind": "User", "apiGroup": api, "name": "system:anonymous"}),
		},
	},
	"binding of this stack's": {
		"subject": "binding",
		"good": {"resources": {
			"binding": {
				"type": "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
				"inputs": {
					"apiVersion": concat("/", [api, "v1"]),
					"kind": "ClusterRoleBinding",
					"metadata": {"name": "readers"},
					"roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": cases.unknown},
					"subjects": [{"kind": "ServiceAccount", "name": cases.unknown, "namespace": "falcon"}],
				},
				"edges": {"roleRef": ["role"], "subjects": ["account"]},
			},
			"role": role("ClusterRole", []),
			"account": {
				"type": "kubernetes:core/v1:ServiceAccount",
				"inputs": {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "app", "namespace": "falcon"}},
			},
		}},
		"paths": [name, who, "/resources/binding/inputs/roleRef", "/resources/binding/edges/roleRef", "/resources/binding/edges/subjects"],
		"bad": {"administrators": set_to(name, "cluster-admin")},
		# The edges say which they are; without them, that is not known.
		"expect": {
			"absent": {"/resources/binding/edges/roleRef": "indeterminate", "/resources/binding/edges/subjects": "indeterminate"},
			"null": {"/resources/binding/edges/roleRef": "indeterminate", "/resources/binding/edges/subjects": "indeterminate"},
			"empty": {"/resources/binding/edges/roleRef": "indeterminate", "/resources/binding/edges/subjects": "indeterminate"},
			"unknown": {name: "pass", who: "pass", "/resources/binding/inputs/roleRef": "pass"},
		},
	},
}

test_good if harness.good("IAM-004", fixtures)

test_bad if harness.bad("IAM-004", fixtures)

test_absent if harness.absent("IAM-004", fixtures)

test_null if harness.null_("IAM-004", fixtures)

test_empty if harness.empty("IAM-004", fixtures)

test_unknown if harness.unknown("IAM-004", fixtures)

own(resource, labels) := object.union(resource, {"inputs": {"metadata": {"name": "system:own", "labels": labels}}})

everything := role("ClusterRole", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}])

test_of_the_cluster_itself if {
	every resource in [everything, binding("ClusterRoleBinding", "cluster-admin")] {
		theirs := own(resource, {"kubernetes.io/bootstrapping": "rbac-defaults"})
		harness.verdict("IAM-004", {"subject": "own"}, {"resources": {"own": theirs}}) == "nothing"
		harness.verdict("IAM-004", {"subject": "own"}, {"resources": {"own": own(resource, {})}}) == "fail"
	}
}
