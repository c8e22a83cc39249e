package falaj_test.res_005

import data.falaj_test.cases
import data.falaj_test.harness

bucket := {"type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "logs", "region": "me-central-1"}}

role := "arn:aws:iam::123456789012:role/logs"

stored := {"bucketArn": "arn:aws:s3:::logs", "roleArn": role}

stream(destination, configuration) := {
	"type": "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
	"inputs": object.union({"destination": destination, "name": "logs"}, configuration),
}

setting(sinks, edges) := {
	"type": "azure-native:monitor:DiagnosticSetting",
	"inputs": object.union({"resourceUri": "/subscriptions/0/resourceGroups/data", "logs": [{"category": "audit", "enabled": true}]}, sinks),
	"edges": edges,
}

deployment(env) := {
	"type": "kubernetes:apps/v1:Deployment",
	"inputs": {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "api"}, "spec": {
		"selector": {"matchLabels": {"app": "api"}},
		"template": {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [{
			"name": "api",
			"image": "123456789012.dkr.ecr.me-central-1.amazonaws.com/api",
			"env": env,
		}]}},
	}},
}

env := "/resources/api/inputs/spec/template/spec/containers/0/env"

fixtures := {
	"subscription": {
		"subject": "sender",
		"good": {"resources": {
			"stream": {"type": "aws:kinesis/stream:Stream", "inputs": {"name": "logs", "region": "me-central-1", "shardCount": 1}},
			"sender": {
				"type": "aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter",
				"inputs": {"destinationArn": cases.unknown, "filterPattern": "", "logGroup": "api"},
				"edges": {"destinationArn": ["stream"]},
			},
		}},
		"paths": ["/resources/sender/inputs/destinationArn", "/resources/sender/edges/destinationArn"],
		"bad": {"a stream abroad": [{
			"op": "replace",
			"path": "/resources/sender/inputs/destinationArn",
			"value": "arn:aws:kinesis:us-east-1:123456789012:stream/logs",
		}]},
		"expect": {
			"absent": {"/resources/sender/edges/destinationArn": "indeterminate"},
			"null": {"/resources/sender/edges/destinationArn": "indeterminate"},
			"empty": {"/resources/sender/edges/destinationArn": "indeterminate"},
			"unknown": {"/resources/sender/inputs/destinationArn": "pass"},
		},
	},
	"metrics": {
		"subject": "sender",
		"good": {"resources": {"sender": {
			"type": "aws:cloudwatch/metricStream:MetricStream",
			"inputs": {
				"firehoseArn": "arn:aws:firehose:me-central-1:123456789012:deliverystream/metrics",
				"outputFormat": "json",
				"roleArn": role,
			},
		}}},
		"paths": ["/resources/sender/inputs/firehoseArn"],
		"bad": {"a stream abroad": [{
			"op": "replace",
			"path": "/resources/sender/inputs/firehoseArn",
			"value": "arn:aws:firehose:us-east-1:123456789012:deliverystream/metrics",
		}]},
	},
	"delivery to a bucket": {
		"subject": "sender",
		"good": {"resources": {"bucket": bucket, "sender": stream("extended_s3", {"extendedS3Configuration": stored})}},
		"paths": [
			"/resources/sender/inputs/destination",
			"/resources/sender/inputs/extendedS3Configuration",
			"/resources/sender/inputs/extendedS3Configuration/bucketArn",
			"/resources/bucket/inputs/bucket",
		],
		"bad": {
			"a bucket of somebody else": [{
				"op": "replace",
				"path": "/resources/sender/inputs/extendedS3Configuration/bucketArn",
				"value": "arn:aws:s3:::elsewhere",
			}],
			"a bucket abroad": [{"op": "replace", "path": "/resources/bucket/inputs/region", "value": "us-east-1"}],
			"a backup elsewhere": [{
				"op": "add",
				"path": "/resources/sender/inputs/extendedS3Configuration/s3BackupConfiguration",
				"value": {"bucketArn": "arn:aws:s3:::elsewhere", "roleArn": role},
			}],
			"a destination that can be anywhere": [{"op": "replace", "path": "/resources/sender/inputs/destination", "value": "snowflake"}],
		},
		# A bucket that is not known by its name is not the one named.
		"expect": {"unknown": {"/resources/bucket/inputs/bucket": "fail"}},
	},
	"delivery to a host": {
		"subject": "sender",
		"good": {"resources": {"bucket": bucket, "sender": stream("http_endpoint", {"httpEndpointConfiguration": {
			"s3Configuration": stored,
			"url": "https://logs.me-central-1.amazonaws.com/v1",
		}})}},
		"paths": [
			"/resources/sender/inputs/httpEndpointConfiguration/url",
			"/resources/sender/inputs/httpEndpointConfiguration/s3Configuration/bucketArn",
		],
		"bad": {
			"a host abroad": [{
				"op": "replace",
				"path": "/resources/sender/inputs/httpEndpointConfiguration/url",
				"value": "https://aws-api.newrelic.com/firehose/v1",
			}],
			"what failed goes elsewhere": [{
				"op": "replace",
				"path": "/resources/sender/inputs/httpEndpointConfiguration/s3Configuration/bucketArn",
				"value": "arn:aws:s3:::elsewhere",
			}],
		},
	},
	"delivery to redshift": {
		"subject": "sender",
		"good": {"resources": {"bucket": bucket, "sender": stream("redshift", {"redshiftConfiguration": {
			"clusterJdbcurl": "jdbc:redshift://main.abc.me-central-1.amazonaws.com:5439/logs",
			"dataTableName": "logs",
			"roleArn": role,
			"s3Configuration": stored,
		}})}},
		"paths": ["/resources/sender/inputs/redshiftConfiguration/clusterJdbcurl"],
		"bad": {"a cluster abroad": [{
			"op": "replace",
			"path": "/resources/sender/inputs/redshiftConfiguration/clusterJdbcurl",
			"value": "jdbc:redshift://main.abc.us-east-1.redshift.amazonaws.com:5439/logs",
		}]},
	},
	"trail": {
		"subject": "sender",
		"good": {"resources": {"bucket": bucket, "sender": {
			"type": "aws:cloudtrail/trail:Trail",
			"inputs": {
				"cloudWatchLogsGroupArn": "arn:aws:logs:me-central-1:123456789012:log-group:trail:*",
				"isMultiRegionTrail": true,
				"s3BucketName": cases.unknown,
			},
			"edges": {"s3BucketName": ["bucket"]},
		}}},
		"paths": [
			"/resources/sender/inputs/s3BucketName",
			"/resources/sender/edges/s3BucketName",
			"/resources/bucket/inputs/region",
		],
		"bad": {
			"a bucket of somebody else": [{"op": "replace", "path": "/resources/sender/inputs/s3BucketName", "value": "elsewhere"}],
			"a log group abroad": [{
				"op": "replace",
				"path": "/resources/sender/inputs/cloudWatchLogsGroupArn",
				"value": "arn:aws:logs:us-east-1:123456789012:log-group:trail:*",
			}],
		},
		# Without the edge, or with the bucket abroad, what is not known may be anywhere.
		"expect": {
			"absent": {
				"/resources/sender/edges/s3BucketName": "indeterminate",
				"/resources/bucket/inputs/region": "indeterminate",
			},
			"null": {
				"/resources/sender/edges/s3BucketName": "indeterminate",
				"/resources/bucket/inputs/region": "indeterminate",
			},
			"empty": {
				"/resources/sender/edges/s3BucketName": "indeterminate",
				"/resources/bucket/inputs/region": "indeterminate",
			},
			"unknown": {"/resources/sender/inputs/s3BucketName": "pass"},
		},
	},
	"trail to a bucket by its name": {
		"subject": "sender",
		"good": {"resources": {"bucket": bucket, "sender": {"type": "aws:cloudtrail/trail:Trail", "inputs": {"s3BucketName": "logs"}}}},
		"paths": ["/resources/sender/inputs/s3BucketName"],
		"bad": {"a bucket of somebody else": [{"op": "replace", "path": "/resources/sender/inputs/s3BucketName", "value": "elsewhere"}]},
	},
	"azure workspace": {
		"subject": "sender",
		"good": {"resources": {
			"workspace": {
				"type": "azure-native:operationalinsights:Workspace",
				"inputs": {"location": "uaenorth", "resourceGroupName": "logs"},
			},
			"sender": setting({"workspaceId": cases.unknown}, {"workspaceId": ["workspace"]}),
		}},
		"paths": ["/resources/sender/inputs/workspaceId", "/resources/sender/edges/workspaceId", "/resources/workspace/inputs/location"],
		"bad": {
			"a partner's": [{"op": "add", "path": "/resources/sender/inputs/marketplacePartnerId", "value": "/subscriptions/0/providers/Microsoft.Datadog/monitors/dd"}],
			"an account of somebody else": [{
				"op": "add",
				"path": "/resources/sender/inputs/storageAccountId",
				"value": "/subscriptions/0/resourceGroups/x/providers/Microsoft.Storage/storageAccounts/elsewhere",
			}],
		},
		# Without the edge, or with the workspace in no place, what is not known may be anywhere.
		"expect": {
			"absent": {
				"/resources/sender/edges/workspaceId": "indeterminate",
				"/resources/workspace/inputs/location": "indeterminate",
			},
			"null": {
				"/resources/sender/edges/workspaceId": "indeterminate",
				"/resources/workspace/inputs/location": "indeterminate",
			},
			"empty": {
				"/resources/sender/edges/workspaceId": "indeterminate",
				"/resources/workspace/inputs/location": "indeterminate",
			},
			"unknown": {"/resources/sender/inputs/workspaceId": "pass"},
		},
	},
	"azure event hub": {
		"subject": "sender",
		"good": {"resources": {
			"namespace": {
				"type": "azure-native:eventhub:Namespace",
				"inputs": {"location": "uaenorth", "resourceGroupName": "logs"},
			},
			"rule": {
				"type": "azure-native:eventhub:NamespaceAuthorizationRule",
				"inputs": {"namespaceName": cases.unknown, "resourceGroupName": "logs", "rights": ["Send"]},
				"edges": {"namespaceName": ["namespace"]},
			},
			"sender": setting(
				{"eventHubAuthorizationRuleId": "/subscriptions/0/resourceGroups/logs/providers/Microsoft.EventHub/namespaces/n/authorizationRules/send"},
				{"eventHubAuthorizationRuleId": ["rule"]},
			),
		}},
		"paths": [
			"/resources/sender/inputs/eventHubAuthorizationRuleId",
			"/resources/sender/edges/eventHubAuthorizationRuleId",
			"/resources/rule/edges/namespaceName",
			"/resources/namespace/inputs/location",
		],
		"bad": {"a rule of somebody else": [{"op": "remove", "path": "/resources/sender/edges"}]},
		# An ID says no place of its own: all that proves one is known, or is not there.
		"expect": {"unknown": {
			"/resources/sender/inputs/eventHubAuthorizationRuleId": "pass",
			"/resources/sender/edges/eventHubAuthorizationRuleId": "fail",
			"/resources/rule/edges/namespaceName": "fail",
			"/resources/namespace/inputs/location": "fail",
		}},
	},
	"pod": {
		"subject": "api",
		"good": {"resources": {"api": deployment([
			{"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://collector.telemetry.svc:4317"},
			{"name": "SENTRY_DSN", "value": "https://0123@sentry.telemetry.svc.cluster.local/1"},
			{"name": "WANDB_API_KEY", "valueFrom": {"secretKeyRef": {"name": "wandb", "key": "key"}}},
			{"name": "WANDB_BASE_URL", "value": "http://localhost:8080"},
			{"name": "LANGFUSE_HOST", "value": "langfuse.telemetry.svc"},
		])}},
		"paths": [
			concat("/", [env, "0/value"]),
			concat("/", [env, "1/value"]),
			concat("/", [env, "3/value"]),
			concat("/", [env, "4/value"]),
		],
		"bad": {
			"to another's": [{"op": "replace", "path": concat("/", [env, "1/value"]), "value": "https://0123@o1.ingest.sentry.io/1"}],
			"to its maker": [{"op": "remove", "path": concat("/", [env, "3"])}],
			"from where nobody sees": [{"op": "replace", "path": concat("/", [env, "0"]), "value": {
				"name": "OTEL_EXPORTER_OTLP_ENDPOINT",
				"valueFrom": {"configMapKeyRef": {"name": "otel", "key": "endpoint"}},
			}}],
			"dressed up as one's own": [{"op": "replace", "path": concat("/", [env, "0/value"]), "value": "http://evil.example\\@collector.telemetry.svc/"}],
			"nothing is allowed": [{"op": "add", "path": "/params", "value": {"hosts": null}}],
		},
	},
}

test_good if harness.good("RES-005", fixtures)

test_bad if harness.bad("RES-005", fixtures)

test_absent if harness.absent("RES-005", fixtures)

test_null if harness.null_("RES-005", fixtures)

test_empty if harness.empty("RES-005", fixtures)

test_unknown if harness.unknown("RES-005", fixtures)

test_a_workspace_by_its_id_needs_its_edge if {
	fixture := fixtures["azure workspace"]
	id := "/subscriptions/0/resourceGroups/logs/providers/microsoft.operationalinsights/workspaces/main"
	known := harness.set_to(fixture, "/resources/sender/inputs/workspaceId", id)
	harness.verdict("RES-005", fixture, known) == "pass"
	harness.verdict("RES-005", fixture, json.remove(known, ["/resources/sender/edges"])) == "fail"
}

test_an_environment_that_is_not_known_may_send_anywhere if {
	harness.verdict("RES-005", fixtures.pod, harness.set_to(fixtures.pod, env, cases.unknown)) == "indeterminate"
	named := harness.set_to(fixtures.pod, concat("/", [env, "0/name"]), cases.unknown)
	harness.verdict("RES-005", fixtures.pod, named) == "pass"
}

test_hosts_by_their_ports_and_their_whole_names if {
	sent("http://collector.example.ae:4317", ["collector.example.ae:4317"]) == "pass"
	sent("http://collector.example.ae:80", ["collector.example.ae:4317"]) == "fail"
	sent("http://collector.example.ae:80", ["collector.example.ae"]) == "pass"
	sent("http://evil-collector.example.ae", ["collector.example.ae"]) == "fail"
	sent("http://collector.example.ae", [".example.ae"]) == "pass"
	sent("http://example.ae", [".example.ae"]) == "fail"
}

sent(url, hosts) := harness.verdict("RES-005", fixtures.pod, object.union(
	{"resources": {"api": deployment([{"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": url}])}},
	{"params": {"hosts": hosts}},
))
