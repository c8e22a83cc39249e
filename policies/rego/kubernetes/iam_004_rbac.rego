# METADATA
# scope: package
# title: Roles of the cluster grant what is needed and no more
# custom:
#   id: IAM-004
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["kubernetes:rbac.authorization.k8s.io:Role", "kubernetes:rbac.authorization.k8s.io:ClusterRole", "kubernetes:rbac.authorization.k8s.io:RoleBinding", "kubernetes:rbac.authorization.k8s.io:ClusterRoleBinding"]
#   on_unknown: defer
#   controls: [UAE-IA T5.2.2, ISO-27001:2022 8.2]
#   remediation: List the `verbs`, `resources` and `apiGroups` of each rule without `*` and without escalate, bind and impersonate; bind a role of the namespace's own in place of cluster-admin, to named subjects.
#   owner: security
package falaj.rules.iam_004

import data.falaj.graph
import data.falaj.subject

kinds := {
	"roles": {"kubernetes:rbac.authorization.k8s.io:Role", "kubernetes:rbac.authorization.k8s.io:ClusterRole"},
	"bindings": {"kubernetes:rbac.authorization.k8s.io:RoleBinding", "kubernetes:rbac.authorization.k8s.io:ClusterRoleBinding"},
}

# All but escalate, bind and impersonate.
verbs := {
	"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection",
	"use", "approve", "sign", "attest", "head", "options", "post", "put",
}

everybody := {"system:anonymous", "system:unauthenticated", "system:authenticated"}

# Kubernetes' own have names that begin so, and its label.
bootstrap(resource) if {
	startswith(subject.at(resource.inputs, "metadata.name"), "system:")
	subject.at(resource.inputs, "metadata.labels")["kubernetes.io/bootstrapping"] == "rbac-defaults"
}

# What a rule must name: things by their groups, or addresses.
asked(rule) := {"verbs": "verbs, none of them `*`, escalate, bind or impersonate", "nonResourceURLs": "paths that begin with more than `*`"} if {
	subject.at(rule, "nonResourceURLs") != null
	subject.at(rule, "resources") == null
}

else := {
	"verbs": "verbs, none of them `*`, escalate, bind or impersonate",
	"apiGroups": "groups, none of them `*`",
	"resources": "resources without `*`",
}

named(key, text) if {
	key in {"resources", "nonResourceURLs", "verbs"}
	subject.named(text)
	plain(key, text)
}

# The core group's name is empty.
named("apiGroups", text) if {
	is_string(text)
	not contains(text, "*")
}

plain("resources", text) if not contains(text, "*")

plain("verbs", text) if text in verbs

plain("nonResourceURLs", text) if regex.match(`^/[^*]`, text)

holds(key, list) if {
	is_array(list)
	count(list) > 0
	every text in list { named(key, text) }
}

bound(binding, "roleRef.name") if {
	name := subject.at(binding.inputs, "roleRef.name")
	subject.named(name)
	name != "cluster-admin"
}

bound(binding, "roleRef.name") if graph.proven(binding, "roleRef.name", kinds.roles)

bound(binding, path) if {
	startswith(path, "subjects")
	name := subject.at(binding.inputs, path)
	subject.named(name)
	not name in everybody
}

bound(binding, path) if {
	startswith(path, "subjects")
	graph.proven(binding, path, ["kubernetes:core:ServiceAccount"])
}

results := object.union_n([
	{urn: verdict |
		some type in kinds.roles
		some urn, role in subject.by_type[type]
		not bootstrap(role)
		found := {[concat(".", [where, key]), key, subject.at(rule, key), want] |
			some where, rule in subject.items("rules", subject.at(role.inputs, "rules"))
			some key, want in asked(rule)
		}
		values := {path: value | some [path, _, value, _] in found}
		wants := {path: want | some [path, _, _, want] in found}
		right := {path | some [path, key, value, _] in found; holds(key, value)}
		verdict := subject.judge(values, wants, right)
	},
	{urn: verdict |
		some type in kinds.bindings
		some urn, binding in subject.by_type[type]
		not bootstrap(binding)
		wants := object.union(
			{"roleRef.name": "a role other than cluster-admin"},
			{concat(".", [where, "name"]): "somebody's name, not everybody's" |
				some where, _ in subject.items("subjects", subject.at(binding.inputs, "subjects"))
			},
		)
		right := {path | some path, _ in wants; bound(binding, path)}
		verdict := subject.judge(binding.inputs, wants, right)
	},
])
