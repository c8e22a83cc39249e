# METADATA
# scope: package
# title: Pods run without privileges
# custom:
#   id: K8S-002
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["kubernetes:core:Pod", "kubernetes:apps:Deployment", "kubernetes:apps:StatefulSet", "kubernetes:apps:DaemonSet", "kubernetes:apps:ReplicaSet", "kubernetes:batch:Job", "kubernetes:batch:CronJob", "kubernetes:ray.io:RayCluster", "kubernetes:ray.io:RayJob", "kubernetes:ray.io:RayService"]
#   on_unknown: defer
#   controls: [UAE-IA T3.2.1, ISO-27001:2022 8.9, ISO-27001:2022 8.18]
#   remediation: In each container's `securityContext` set `allowPrivilegeEscalation` false, `readOnlyRootFilesystem` true and `capabilities.drop` [ALL], add none; in the pod's, `runAsNonRoot` true and `seccompProfile.type` RuntimeDefault. Leave out `privileged`, `hostNetwork`, `hostPID`, `hostIPC`, `hostPort` and volumes with `hostPath`. What the programs need that hand out a machine's GPUs is known of each by name, account and image (policies/rego/lib/driver.rego).
#   owner: platform
package falaj.rules.k8s_002

import data.falaj.driver
import data.falaj.pod
import data.falaj.subject

# Of a pod: what of the node it may see. All of these are off where nothing is said.
pod_wants := {path: "false" | some path in {"hostNetwork", "hostPID", "hostIPC"}}

# Of a container. `privileged`, `capabilities.add` and host ports are off where nothing is said, the others are not.
container_wants := {
	"securityContext.privileged": "false",
	"securityContext.allowPrivilegeEscalation": "false",
	"securityContext.readOnlyRootFilesystem": "true",
	"securityContext.capabilities.drop": "[ALL]",
	"securityContext.capabilities.add": "empty",
	"securityContext.runAsNonRoot": "true, here or in the pod",
	"securityContext.seccompProfile.type": "RuntimeDefault or Localhost, here or in the pod",
	"ports": "without hostPort",
}

allowed := {
	"securityContext.privileged": {false, null},
	"securityContext.allowPrivilegeEscalation": {false},
	"securityContext.readOnlyRootFilesystem": {true},
	"securityContext.capabilities.drop": {["ALL"]},
	"securityContext.capabilities.add": {[], null},
	"securityContext.runAsNonRoot": {true},
	"securityContext.seccompProfile.type": {"RuntimeDefault", "Localhost"},
	"ports": {[], null},
}

holds(path, value) if value in allowed[path]

holds("ports", ports) if {
	is_array(ports)
	every port in ports {
		is_object(port)
		subject.at(port, "hostPort") in {0, null}
	}
}

holds("volumes", volume) if {
	subject.named(subject.at(volume, "name"))
	subject.at(volume, "hostPath") == null
}

# What a container does not say of these, its pod says for it.
inherited := {"securityContext.runAsNonRoot", "securityContext.seccompProfile.type"}

said(spec, container, path) := value if {
	path in inherited
	subject.at(container, path) == null
	value := subject.at(spec, path)
} else := subject.at(container, path)

# [what, path, value, want] of everything that is asked of a resource's pods.
asked(resource) := ({["pod", concat(".", [where, path]), subject.at(spec, path), want] |
	some where, spec in pod.specs(resource)
	some path, want in pod_wants
} | {["volumes", concat(".", [where, at]), volume, "no part of the node (hostPath)"] |
	some where, spec in pod.specs(resource)
	some at, volume in subject.items("volumes", subject.at(spec, "volumes"))
}) | {[path, concat(".", [at, path]), said(spec, container, path), want] |
	some at, container in pod.containers(resource)
	some where, spec in pod.specs(resource)
	startswith(at, concat("", [where, "."]))
	some path, want in container_wants
}

holds("pod", value) if value in {false, null}

results := {urn: verdict |
	some urn, resource in subject.of(rego.metadata.chain())
	found := asked(resource)
	values := {path: value | some [_, path, value, _] in found}
	wants := {path: want | some [_, path, _, want] in found}
	allowed := {path | some [what, path, value, _] in found; driver.may(driver.of(urn, resource), resource, what, path, value)}
	right := {path | some [what, path, value, _] in found; holds(what, value)} | allowed
	verdict := subject.judge(values, wants, right)
}
