# METADATA
# scope: package
# title: Logs, metrics and traces go to places in allowed regions
# custom:
#   id: RES-005
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "aws:cloudwatch/metricStream:MetricStream", "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", "aws:cloudtrail/trail:Trail", "azure-native:monitor:DiagnosticSetting", "azure-native:monitor:SubscriptionDiagnosticSetting", "kubernetes:core:Pod", "kubernetes:apps:Deployment", "kubernetes:apps:StatefulSet", "kubernetes:apps:DaemonSet", "kubernetes:apps:ReplicaSet", "kubernetes:batch:Job", "kubernetes:batch:CronJob", "kubernetes:ray.io:RayCluster", "kubernetes:ray.io:RayJob", "kubernetes:ray.io:RayService"]
#   needs: stack
#   on_unknown: deny
#   controls: [UAE-PDPL 22, UAE-ICT-HEALTH 13, CBUAE-OUTSOURCING 6.1, GDPR 44, UAE-IA T3.6.4]
#   remediation: Send to a bucket, stream, workspace or account of this stack in an allowed region; in a pod give `value` of the endpoint's variable (not `valueFrom`) a host below one of `hosts` in the stack's policy.
#   owner: platform
package falaj.rules.res_005

import data.falaj.graph
import data.falaj.place
import data.falaj.pod
import data.falaj.subject

results := object.union_n([senders, settings, workloads])

# Where an ARN may lead when it is not known yet.
receivers := [
	"aws:s3/bucket:Bucket",
	"aws:kinesis/stream:Stream",
	"aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
	"aws:lambda/function:Function",
	"aws:cloudwatch/logDestination:LogDestination",
	"aws:cloudwatch/logGroup:LogGroup",
	"aws:opensearch/domain:Domain",
	"aws:elasticsearch/domain:Domain",
]

backup(configuration) := concat(".", [configuration, "s3Configuration.bucketArn"])

# What a delivery stream must say of each destination; the others can be anywhere and do not say where.
deliveries := {
	"extended_s3": {"extendedS3Configuration.bucketArn"},
	"http_endpoint": {"httpEndpointConfiguration.url", backup("httpEndpointConfiguration")},
	"splunk": {"splunkConfiguration.hecEndpoint", backup("splunkConfiguration")},
	"opensearch": {"opensearchConfiguration.domainArn", backup("opensearchConfiguration")},
	"elasticsearch": {"elasticsearchConfiguration.domainArn", backup("elasticsearchConfiguration")},
	"redshift": {"redshiftConfiguration.clusterJdbcurl", backup("redshiftConfiguration")},
}

copied := {"extendedS3Configuration.s3BackupConfiguration.bucketArn", "redshiftConfiguration.s3BackupConfiguration.bucketArn"}

sinks("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", _) := {"destinationArn"}

sinks("aws:cloudwatch/metricStream:MetricStream", _) := {"firehoseArn"}

sinks("aws:cloudtrail/trail:Trail", trail) := {"s3BucketName"} | given(trail, {"cloudWatchLogsGroupArn"})

sinks("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", stream) := paths if {
	paths := deliveries[subject.at(stream.inputs, "destination")] | given(stream, copied)
} else := {"destination"}

given(resource, paths) := {path | some path in paths; subject.at(resource.inputs, path) != null}

want("destination") := concat(", ", object.keys(deliveries))

want("s3BucketName") := "a bucket of this stack in an allowed region"

want(path) := "in an allowed region, a bucket one of this stack" if endswith(path, "Arn")

want(path) := allowed_host if path in hosted

hosted := {"httpEndpointConfiguration.url", "splunkConfiguration.hecEndpoint", "redshiftConfiguration.clusterJdbcurl"}

allowed_host := sprintf("at an allowed host (%s)", [place.hosts])

holds(path, sender) if {
	endswith(path, "Arn")
	place.stays(sender, path, receivers)
}

holds("s3BucketName", trail) if place.bucket(subject.at(trail.inputs, "s3BucketName"))

holds("s3BucketName", trail) if place.made_home(trail, "s3BucketName", ["aws:s3/bucket:Bucket"])

holds(path, stream) if {
	path in hosted
	place.host(subject.at(stream.inputs, path))
}

senders := {urn: subject.judge(sender.inputs, wants, right) |
	some type in {
		"aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
		"aws:cloudwatch/metricStream:MetricStream",
		"aws:cloudtrail/trail:Trail",
		"aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
	}
	some urn, sender in subject.by_type[type]
	paths := sinks(type, sender)
	wants := {path: want(path) | some path in paths}
	right := {path | some path in paths; holds(path, sender)}
}

# An ID says no region: only the edge to what this stack makes does.
workspaces := {
	"workspaceId": {"kind": "Microsoft.OperationalInsights/workspaces", "types": ["azure-native:operationalinsights:Workspace"]},
	"storageAccountId": {"kind": "Microsoft.Storage/storageAccounts", "types": ["azure-native:storage:StorageAccount"]},
	"eventHubAuthorizationRuleId": {"kind": "Microsoft.EventHub/namespaces", "types": ["azure-native:eventhub:NamespaceAuthorizationRule"]},
}

# Others' services, and one that Azure has given up.
nowhere := {"marketplacePartnerId", "serviceBusRuleId"}

wants_setting(setting) := {path: "absent (send to a workspace, an account or an event hub)" | some path in gone} if {
	gone := given(setting, nowhere)
	count(gone) > 0
} else := {path: "one of this stack in an allowed region" | some path in said} if {
	said := given(setting, object.keys(workspaces))
	count(said) > 0
} else := {"workspaceId": "a workspace (or an account, or an event hub) of this stack in an allowed region"}

received(path, setting) if {
	id := subject.at(setting.inputs, path)
	identifies(id, workspaces[path].kind)
	found := graph.pointed(setting, path, workspaces[path].types)
	count(found) > 0
	every _, receiver in found { at_home(receiver) }
}

identifies({"$unknown": true}, _)

identifies(id, kind) if {
	is_string(id)
	startswith(lower(id), "/subscriptions/")
	contains(lower(id), lower(sprintf("/providers/%s/", [kind])))
}

at_home(receiver) if place.home(receiver)

# A rule is where its namespace is.
at_home(rule) if {
	namespaces := graph.pointed(rule, "namespaceName", ["azure-native:eventhub:Namespace"])
	count(namespaces) > 0
	every _, namespace in namespaces { place.home(namespace) }
}

settings := {urn: subject.judge(setting.inputs, wants, right) |
	some type in {"azure-native:monitor:DiagnosticSetting", "azure-native:monitor:SubscriptionDiagnosticSetting"}
	some urn, setting in subject.by_type[type]
	wants := wants_setting(setting)
	right := {path | some path, _ in wants; received(path, setting)}
}

# Variables that say where a pod sends what it records.
endpoints := {
	"COMET_URL_OVERRIDE", "DD_SITE", "DD_URL", "LANGCHAIN_ENDPOINT", "LANGFUSE_BASE_URL", "LANGFUSE_HOST", "LANGSMITH_ENDPOINT",
	"NEW_RELIC_HOST", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
	"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_ZIPKIN_ENDPOINT", "PHOENIX_COLLECTOR_ENDPOINT", "SENTRY_DSN", "WANDB_BASE_URL",
}

# Who has the key of such a service and does not say where it is sends to its maker's, abroad.
services := {
	"COMET_API_KEY": "COMET_URL_OVERRIDE",
	"DD_API_KEY": "DD_SITE",
	"LANGSMITH_API_KEY": "LANGSMITH_ENDPOINT",
	"NEW_RELIC_LICENSE_KEY": "NEW_RELIC_HOST",
	"WANDB_API_KEY": "WANDB_BASE_URL",
}

# Most pods' inputs have none of the names, which their text tells at once.
telling := sprintf(`"(%s)"|\$unknown`, [concat("|", endpoints | object.keys(services))])

workloads := {urn: subject.judge(pods.inputs, wants, right) |
	some type in pod.types
	some urn, pods in subject.by_type[type]
	wants := object.union_n([sent(concat(".", [at, "env"]), subject.at(container, "env")) |
		regex.match(telling, json.marshal(pods.inputs))
		some at, container in pod.containers(pods)
	])
	right := {path | some path, _ in wants; place.host(subject.at(pods.inputs, path))}
}

# {path of the value: what it must be} of an environment; an entry without a known name may be any of them.
sent(at, env) := object.union(
	{path: sprintf("%s (%v)", [allowed_host, said]) |
		some entry, variable in subject.items(at, env)
		said := subject.at(variable, "name")
		said in (endpoints | {{"$unknown": true}})
		path := concat(".", [entry, "value"])
	},
	{path: allowed_host |
		names := {subject.at(variable, "name") | some variable in subject.items(at, env)}
		some key, endpoint in services
		key in names
		not endpoint in names
		path := concat(".", [at, endpoint])
	},
)
