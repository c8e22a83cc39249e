# METADATA
# scope: package
# title: Pods do not report their use to the makers of their software
# custom:
#   id: TEL-001
#   severity: high
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["kubernetes:core:Pod", "kubernetes:apps:Deployment", "kubernetes:apps:StatefulSet", "kubernetes:apps:DaemonSet", "kubernetes:apps:ReplicaSet", "kubernetes:batch:Job", "kubernetes:batch:CronJob", "kubernetes:ray.io:RayCluster", "kubernetes:ray.io:RayJob", "kubernetes:ray.io:RayService"]
#   on_unknown: defer
#   controls: [UAE-PDPL 22, UAE-IA T7.6.4, ISO-27001:2022 8.12]
#   remediation: Set DO_NOT_TRACK to 1 in the container's `env`, and of what it runs RAY_USAGE_STATS_ENABLED to 0, MLFLOW_DISABLE_TELEMETRY to true, HF_HUB_DISABLE_TELEMETRY to 1, VLLM_NO_USAGE_STATS to 1; each once and by `value`.
#   owner: platform
package falaj.rules.tel_001

import data.falaj.pod
import data.falaj.ray
import data.falaj.subject

# What reports its use: how its images are named, what its settings begin with, and what turns the reports off.
reporting := {
	"ray": {"image": `(^|[^a-z])(kube)?ray([^a-z]|$)`, "setting": "RAY_", "off": {"RAY_USAGE_STATS_ENABLED": "0"}},
	"mlflow": {"image": `mlflow`, "setting": "MLFLOW_", "off": {"MLFLOW_DISABLE_TELEMETRY": "true"}},
	"hugging face": {
		"image": `huggingface|transformers|text-generation|text-embeddings|(^|[^a-z])(hf|tgi|tei)([^a-z]|$)`,
		"setting": "HF_",
		"off": {"HF_HUB_DISABLE_TELEMETRY": "1"},
	},
	"vllm": {"image": `vllm`, "setting": "VLLM_", "off": {"VLLM_NO_USAGE_STATS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}},
}

runs(container, software) if {
	image := subject.at(container, "image")
	is_string(image)
	regex.match(software.image, lower(image))
}

runs(container, software) if {
	some entry in subject.at(container, "env")
	name := subject.at(entry, "name")
	is_string(name)
	startswith(name, software.setting)
}

# {path: {what is said, what must be}} of the variables that a container needs.
asked(at, container, always) := {concat(".", [at, "env", name]): {"said": said(pod.variable(container, name)), "want": want} |
	some what, software in reporting
	needs(container, software, what, always)
	some name, want in object.union(software.off, {"DO_NOT_TRACK": "1"})
}

needs(container, software, _, _) if runs(container, software)

needs(_, _, "ray", true)

# A container that is not known yet may run any of them.
not_known(at, container) := {concat(".", [at, "image"]): {"said": {"$unknown": true}, "want": "known"} |
	subject.at(container, "image") == {"$unknown": true}
}

said(entry) := subject.at(entry, "value") if is_object(entry)

else := entry

results := {urn: verdict |
	some urn, resource in subject.of(rego.metadata.chain())
	of_ray := {at | some at, _ in ray.containers(ray.clusters[urn])}
	found := object.union_n([object.union(asked(at, container, at in of_ray), not_known(at, container)) |
		some at, container in pod.containers(resource)
	])
	count(found) > 0
	values := {path: one.said | some path, one in found}
	wants := {path: one.want | some path, one in found}
	right := {path | some path, one in found; one.said == one.want}
	verdict := subject.judge(values, wants, right)
}
