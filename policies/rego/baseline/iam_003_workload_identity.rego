# METADATA
# scope: package
# title: Pods have an identity of their own and no keys of a cloud
# custom:
#   id: IAM-003
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["kubernetes:core:Pod", "kubernetes:apps:Deployment", "kubernetes:apps:StatefulSet", "kubernetes:apps:DaemonSet", "kubernetes:apps:ReplicaSet", "kubernetes:batch:Job", "kubernetes:batch:CronJob", "kubernetes:ray.io:RayCluster", "kubernetes:ray.io:RayJob", "kubernetes:ray.io:RayService"]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T5.5.2, ISO-27001:2022 8.5]
#   remediation: Set `serviceAccountName` of the pod to a ServiceAccount of its own that is bound to a role (IRSA, Pod Identity, Azure workload identity), and take AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AZURE_CLIENT_SECRET out of `env`, `secretKeyRef` included.
#   owner: security
package falaj.rules.iam_003

import data.falaj.graph
import data.falaj.namespace
import data.falaj.pod
import data.falaj.subject

keys := {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AZURE_CLIENT_SECRET"}

# What the pods say of themselves: whose account each runs as, and which keys each container is given.
facts(resource) := object.union(
	{path: subject.at(spec, "serviceAccountName") |
		some where, spec in pod.specs(resource)
		path := concat(".", [where, "serviceAccountName"])
	},
	{concat(".", [at, "env", key]): said(pod.variable(container, key)) |
		some at, container in pod.containers(resource)
		some key in keys
	},
)

# However it is set, it is; only that it may be is not known.
said({"$unknown": true}) := {"$unknown": true}

said(null) := null

said(entry) := "set" if not entry in {{"$unknown": true}, null}

want(path) := "absent" if not endswith(path, ".serviceAccountName")

else := "a ServiceAccount other than default"

holds(_, path, null) if not endswith(path, ".serviceAccountName")

holds(_, path, name) if {
	endswith(path, ".serviceAccountName")
	subject.named(name)
	name != "default"
}

holds(resource, path, {"$unknown": true}) if {
	endswith(path, ".serviceAccountName")
	count(graph.pointed(resource, path, ["kubernetes:core:ServiceAccount"])) > 0
}

results := {urn: verdict |
	some urn, resource in subject.of(rego.metadata.chain())
	not "kube-system" in namespace.of(urn, resource)
	values := facts(resource)
	wants := {path: want(path) | some path, _ in values}
	right := {path | some path, value in values; holds(resource, path, value)}
	verdict := subject.judge(values, wants, right)
}
