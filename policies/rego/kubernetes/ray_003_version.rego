# METADATA
# scope: package
# title: Ray is of a supported version and keeps its state in a Redis with TLS and a password
# custom:
#   id: RAY-003
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["kubernetes:ray.io:RayCluster", "kubernetes:ray.io:RayJob", "kubernetes:ray.io:RayService"]
#   on_unknown: defer
#   controls: [UAE-IA T7.7.1, ISO-27001:2022 8.8]
#   remediation: Set `rayVersion` to the stack's `ray_version_min` or later and use images of that version; in `gcsFaultToleranceOptions` set `redisAddress` to a rediss:// address and `redisPassword.valueFrom.secretKeyRef`.
#   owner: platform
package falaj.rules.ray_003

import data.falaj.ray
import data.falaj.subject

least := object.get(input, ["params", "ray_version_min"], null)

recent(version) if {
	semver.is_valid(version)
	semver.is_valid(least)
	semver.compare(version, least) >= 0
}

# The version that an image's tag begins with; a tag, or a digest alone, need not state one.
stated(image) := regex.find_n(`^\d+\.\d+\.\d+`, tag, 1)[0] if {
	name := regex.replace(split(image, "@")[0], `^.*/`, "")
	tag := split(name, ":")[1]
}

# What is not stated, or not known yet, contradicts nothing.
fits(image, version) if {
	subject.named(image)
	every other in {found | found := stated(image)} {
		version in {other, {"$unknown": true}}
	}
}

# A service must outlive its head; so must a cluster that others work with in production. A job has its own.
kept(urn, _) if subject.by_type["kubernetes:ray.io:RayService"][urn]

kept(urn, _) if {
	cluster := subject.by_type["kubernetes:ray.io:RayCluster"][urn]
	not of_a_job(cluster)
	object.get(input, ["stack", "profile"], "prod") != "dev"
}

kept(_, options) if options != null

# As KubeRay makes it. What has no other owner is deleted with its job, and at once where there is no such job.
of_a_job(cluster) if {
	[owner] := subject.at(cluster.inputs, "metadata.ownerReferences")
	owner.kind == "RayJob"
	startswith(owner.apiVersion, "ray.io/")
	owner.controller == true
	subject.named(owner.uid)
}

redis("redisAddress", address) if {
	is_string(address)
	regex.match(`^rediss://[^/]`, address)
}

redis("redisPassword.valueFrom.secretKeyRef", reference) if {
	subject.named(subject.at(reference, "name"))
	subject.named(subject.at(reference, "key"))
}

redis_wants := {
	"redisAddress": "a rediss:// address",
	"redisPassword.valueFrom.secretKeyRef": "the name and key of a Secret",
}

results := {urn: verdict |
	some urn, cluster in ray.clusters
	inputs := cluster.resource.inputs
	version := concat(".", [cluster.path, "rayVersion"])
	images := {concat(".", [at, "image"]): subject.at(container, "image") | some at, container in ray.containers(cluster)}
	options := concat(".", [cluster.path, "gcsFaultToleranceOptions"])
	store := {concat(".", [options, path]): path | some path, _ in redis_wants; kept(urn, subject.at(inputs, options))}
	values := object.union_n([
		{version: subject.at(inputs, version)},
		images,
		{at: subject.at(inputs, at) | some at, _ in store},
	])
	wants := object.union_n([
		{version: sprintf("%v or later", [subject.shown(least)])},
		{at: "an image of rayVersion" | some at, _ in images},
		{at: redis_wants[path] | some at, path in store},
	])
	right := ({version | recent(values[version])} | {at | some at, image in images; fits(image, values[version])}) | {at | some at, path in store; redis(path, values[at])}
	verdict := subject.judge(values, wants, right)
}
