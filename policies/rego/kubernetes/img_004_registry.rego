# METADATA
# scope: package
# title: Images come from allowed registries
# custom:
#   id: IMG-004
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["kubernetes:core:Pod", "kubernetes:apps:Deployment", "kubernetes:apps:StatefulSet", "kubernetes:apps:DaemonSet", "kubernetes:apps:ReplicaSet", "kubernetes:batch:Job", "kubernetes:batch:CronJob", "kubernetes:ray.io:RayCluster", "kubernetes:ray.io:RayJob", "kubernetes:ray.io:RayService"]
#   on_unknown: defer
#   controls: [UAE-IA T7.8.4, ISO-27001:2022 5.21]
#   remediation: Mirror the image into a registry of the stack's `registries` and set the container's `image` to the mirror, with the host written out.
#   owner: platform
package falaj.rules.img_004

import data.falaj.pod
import data.falaj.subject

registries := object.get(input, ["params", "registries"], null)

# An image without a host is from docker.io, and the first part of its name is no allowed host.
allowed(image) if {
	is_string(image)
	some host in registries
	startswith(image, concat("", [host, "/"]))
}

want := sprintf("from one of %s", [subject.shown(registries)])

verdict(resource) := subject.judge(resource.inputs, wants, right) if {
	images := pod.images(resource)
	wants := {path: want | some path, _ in images}
	right := {path | some path, image in images; allowed(image)}
}

results := {urn: verdict(resource) | some urn, resource in subject.of(rego.metadata.chain())}
