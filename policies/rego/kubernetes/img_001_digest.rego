# METADATA
# scope: package
# title: Images are named by their digest
# custom:
#   id: IMG-001
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["kubernetes:core:Pod", "kubernetes:apps:Deployment", "kubernetes:apps:StatefulSet", "kubernetes:apps:DaemonSet", "kubernetes:apps:ReplicaSet", "kubernetes:batch:Job", "kubernetes:batch:CronJob", "kubernetes:ray.io:RayCluster", "kubernetes:ray.io:RayJob", "kubernetes:ray.io:RayService"]
#   on_unknown: defer
#   controls: [UAE-IA T7.5.1, ISO-27001:2022 8.9, ISO-27001:2022 8.19]
#   remediation: Set each container's `image` to a name that ends with `@sha256:` and the image's digest; a tag alone, `latest` above all, may be another image tomorrow.
#   owner: platform
package falaj.rules.img_001

import data.falaj.pod
import data.falaj.subject

pinned(image) if {
	is_string(image)
	[name, digest] := split(image, "@")
	name != ""
	subject.is_digest(digest)
}

verdict(resource) := subject.judge(resource.inputs, wants, right) if {
	images := pod.images(resource)
	wants := {path: "an image pinned by @sha256: and its digest" | some path, _ in images}
	right := {path | some path, image in images; pinned(image)}
}

results := {urn: verdict(resource) | some urn, resource in subject.of(rego.metadata.chain())}
