# METADATA
# scope: package
# title: Workloads keep and fetch their data in allowed places
# custom:
#   id: RES-009
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["kubernetes:core:Pod", "kubernetes:apps:Deployment", "kubernetes:apps:StatefulSet", "kubernetes:apps:DaemonSet", "kubernetes:apps:ReplicaSet", "kubernetes:batch:Job", "kubernetes:batch:CronJob", "kubernetes:ray.io:RayCluster", "kubernetes:ray.io:RayJob", "kubernetes:ray.io:RayService"]
#   needs: stack
#   on_unknown: deny
#   controls: [UAE-PDPL 22, ISO-42001:2023 A.4.3, ISO-42001:2023 A.7.5]
#   remediation: Give storage, checkpoint and data variables URIs of a bucket of this stack in `value`, or AWS_ENDPOINT_URL_S3 an allowed host beside a command with one; MLFLOW_TRACKING_URI a host below one of `hosts` in the stack's policy; Ray's containers HF_HUB_OFFLINE 1 or such an HF_ENDPOINT.
#   owner: platform
package falaj.rules.res_009

import data.falaj.graph
import data.falaj.place
import data.falaj.pod
import data.falaj.ray
import data.falaj.subject

# Variables that say where a client connects.
endpoints := {
	"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "HF_ENDPOINT", "MLFLOW_REGISTRY_URI", "MLFLOW_S3_ENDPOINT_URL",
	"MLFLOW_TRACKING_URI", "S3_ENDPOINT", "S3_ENDPOINT_URL",
}

regional := {"AWS_REGION", "AWS_DEFAULT_REGION"}

# Variables whose names say that they hold where data lies.
storage := `(^|_)((STORAGE|CHECKPOINTS?|DATASETS?|DATA|ARTIFACTS?|MODELS?|RESULTS)_(URI|URL|PATH|ROOT)|BUCKET(_NAME)?)$`

schemes := "s3|s3a|s3n|gs|gcs|az|adl|abfs|abfss|wasb|wasbs|hdfs|hf|oss|cos|r2|ftp|sftp"

remote := sprintf(`(?i)^(%s)://`, [schemes])

fetched := sprintf(`(?i)^(https?|%s)://`, [schemes])

telling := sprintf(`"(%s)"|_(URI|URL|PATH|ROOT)"|BUCKET|://|\$unknown`, [concat("|", endpoints | regional)])

unknown := {"$unknown": true}

# What a variable must be, by its name or else by its value; undefined for one that is about no place. One without a known
# name may be any.
want(name, _) := place.regions("aws") if name in regional

else := "an allowed host, or a service of this stack" if name in endpoints

else := data_here if name == unknown

else := data_here if subject.matches(storage, name)

want(name, value) := data_here if {
	not name in (regional | endpoints)
	subject.matches(remote, value)
}

data_here := "a path, or a URI of a bucket or account of this stack in an allowed region"

holds(name, value) if {
	name in regional
	value in input.params.regions.aws
}

holds(name, value) if {
	not name in regional
	stays(name, value)
}

stays(_, value) if place.uri(value)

stays(_, value) if subject.matches(`^/[^/]`, value)

stays(name, value) if {
	name in endpoints
	place.host(value)
}

stays(name, value) if {
	subject.matches(storage, name)
	place.bucket(value)
}

proven(_, pods, path) if place.made_home(pods, path, ["aws:s3/bucket:Bucket", "azure-native:storage:StorageAccount"])

proven(name, pods, path) if {
	name in endpoints
	graph.proven(pods, path, ["kubernetes:core:Service"])
}

# {path: entry} of the environments of all of a resource's containers, where its text has a name or a URI at all.
variables(pods) := object.union_n([subject.items(path, subject.at(container, "env")) |
	regex.match(telling, json.marshal(pods.inputs))
	some at, container in pod.containers(pods)
	path := concat(".", [at, "env"])
])

# {path: {want, right}} of what the environments say.
addresses(pods) := {path: {"want": sprintf("%s (%v)", [wanted, name]), "right": right} |
	some entry, variable in variables(pods)
	name := subject.at(variable, "name")
	value := subject.at(variable, "value")
	wanted := want(name, value)
	path := concat(".", [entry, "value"])
	right := count({true | holds(name, value)} | {true | proven(name, pods, path)}) > 0
}

# What Ray is told to run and to fetch, and what a container is told to run.
texts(pods) := object.union(
	{path: {"pattern": fetched, "own": false} |
		some path in ["spec.entrypoint", "spec.runtimeEnvYAML", "spec.serveConfigV2"]
		startswith(pods.type, "kubernetes:ray.io/")
		subject.at(pods.inputs, path) != null
	},
	{path: {"pattern": remote, "own": own(container)} |
		some at, container in pod.containers(pods)
		some list in ["command", "args"]
		some path, text in subject.items(concat(".", [at, list]), subject.at(container, list))
		subject.matches("://", text)
	},
)

commands(pods) := {path: {"want": "without URIs of other places than this stack's or an allowed host's", "right": right} |
	some path, said in texts(pods)
	right := count({true | within(subject.at(pods.inputs, path), said)} | {true | proven("", pods, path)}) > 0
}

# Whether AWS's clients are sent to a store of S3 that is not AWS's, at an allowed host: then buckets are that store's.
default own(_) := false

own(container) if place.host(subject.at(pod.variable(container, "AWS_ENDPOINT_URL_S3"), "value"))

within(text, said) if {
	is_string(text)
	every uri in regex.find_n(`[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>\]},;]+`, text, -1) {
		fine(uri, said)
	}
}

fine(uri, said) if not regex.match(said.pattern, uri)

fine(uri, _) if place.uri(uri)

fine(uri, said) if {
	said.own
	place.scheme(uri) in place.bucket_schemes
}

# Ray's own containers fetch models and data from abroad unless they are told not to.
offline(urn) := {path: {"want": "1 (or HF_ENDPOINT an allowed host)", "right": right} |
	some at, container in ray.containers(ray.clusters[urn])
	pod.variable(container, "HF_ENDPOINT") == null
	some path in switches(concat(".", [at, "env"]), subject.at(container, "env"))
	right := count({true | on(subject.at(ray.clusters[urn].resource.inputs, path))}) > 0
}

on(value) if subject.matches(`^(?i)(1|on|yes|true)$`, value)

switches(at, env) := paths if {
	paths := {concat(".", [entry, "value"]) |
		some entry, variable in subject.items(at, env)
		subject.at(variable, "name") == "HF_HUB_OFFLINE"
	}
	count(paths) > 0
} else := {concat(".", [at, "HF_HUB_OFFLINE"])}

results := {urn: subject.judge(pods.inputs, wants, right) |
	some type in pod.types
	some urn, pods in subject.by_type[type]
	said := object.union_n([addresses(pods), commands(pods), offline(urn)])
	wants := {path: one.want | some path, one in said}
	right := {path | some path, one in said; one.right}
}
