# METADATA
# scope: package
# title: Every namespace holds its pods to the restricted standard
# custom:
#   id: K8S-001
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["kubernetes:core:Namespace"]
#   on_unknown: defer
#   controls: [UAE-IA T3.2.1, ISO-27001:2022 8.9]
#   remediation: Set the namespace's label `pod-security.kubernetes.io/enforce` to restricted and `pod-security.kubernetes.io/enforce-version` to latest or a version. For drivers and device plugins use a namespace of their own with `falaj.ae/role` gpu-system, which may be baseline or privileged.
#   owner: platform
package falaj.rules.k8s_001

import data.falaj.subject

wants := {
	"pod-security.kubernetes.io/enforce": "restricted (baseline or privileged only where falaj.ae/role is gpu-system)",
	"pod-security.kubernetes.io/enforce-version": "latest or a version such as v1.34",
}

level(labels) := subject.at(labels, "pod-security.kubernetes.io/enforce")

holds("pod-security.kubernetes.io/enforce", labels) if level(labels) == "restricted"

holds("pod-security.kubernetes.io/enforce", labels) if {
	subject.at(labels, "falaj.ae/role") == "gpu-system"
	level(labels) in {"baseline", "privileged"}
}

holds("pod-security.kubernetes.io/enforce-version", labels) if {
	version := subject.at(labels, "pod-security.kubernetes.io/enforce-version")
	is_string(version)
	regex.match(`^(latest|v1\.\d+)$`, version)
}

results := {urn: verdict |
	some urn, namespace in subject.of(rego.metadata.chain())
	labels := subject.at(namespace.inputs, "metadata.labels")
	right := {label | some label, _ in wants; holds(label, labels)}
	verdict := subject.judge(labels, wants, right)
}
