# METADATA
# scope: package
# title: What happens in the cloud account is recorded
# custom:
#   id: LOG-002
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [stack]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T3.6.5, ISO-27001:2022 8.15, CBUAE-OUTSOURCING 6.5]
#   remediation: Add a cloudtrail Trail with `enableLogFileValidation`, `isMultiRegionTrail` set, `kmsKeyId` a key and `s3BucketName` a bucket of this stack; on Azure a SubscriptionDiagnosticSetting with `logs` for Administrative, Security and Policy and a `workspaceId`.
#   owner: platform
package falaj.rules.log_002

import data.falaj.aws
import data.falaj.azure
import data.falaj.bootstrap
import data.falaj.graph
import data.falaj.subject

trail_wants := {
	"trail.enableLogFileValidation": "true",
	"trail.enableLogging": "true or absent",
	"trail.isMultiRegionTrail": "true or false, said explicitly",
	"trail.kmsKeyId": "a KMS key of this stack or in an allowed region",
	"trail.s3BucketName": "a bucket",
}

holds("trail.enableLogFileValidation", trail) if trail.inputs.enableLogFileValidation == true

# A trail logs unless it is told not to.
holds("trail.enableLogging", trail) if subject.at(trail.inputs, "enableLogging") in {true, null}

holds("trail.isMultiRegionTrail", trail) if is_boolean(trail.inputs.isMultiRegionTrail)

holds("trail.kmsKeyId", trail) if aws.is_key(subject.at(trail.inputs, "kmsKeyId"))

holds("trail.kmsKeyId", trail) if graph.proven(trail, "kmsKeyId", ["aws:kms/key:Key"])

holds("trail.s3BucketName", trail) if subject.named(subject.at(trail.inputs, "s3BucketName"))

holds("trail.s3BucketName", trail) if graph.proven(trail, "s3BucketName", ["aws:s3/bucket:Bucket"])

required["aws:"] := subject.best(verdicts, trail_wants) if {
	verdicts := [subject.judge({"trail": trail.inputs}, trail_wants, right) |
		some _, trail in subject.by_type["aws:cloudtrail/trail:Trail"]
		right := {path | some path, _ in trail_wants; holds(path, trail)}
	]
}

log_wants := {
	"activity log.resourceUri": "a subscription",
	"activity log.logs": "Administrative, Policy and Security, each enabled, or the category group allLogs",
	"activity log.workspaceId": "a workspace",
}

categories := {"Administrative", "Policy", "Security"}

enabled(setting, kind) := {log[kind] |
	some log in setting.inputs.logs
	log.enabled == true
}

# A setting of this type is its provider's subscription's.
holds("activity log.resourceUri", setting) if {
	subject.kinds[setting.type] == "azure-native:monitor:SubscriptionDiagnosticSetting"
}

holds("activity log.resourceUri", setting) if azure.is_subscription(subject.at(setting.inputs, "resourceUri"))

holds("activity log.logs", setting) if count(categories - enabled(setting, "category")) == 0

holds("activity log.logs", setting) if "allLogs" in enabled(setting, "categoryGroup")

holds("activity log.workspaceId", setting) if {
	azure.is_id(subject.at(setting.inputs, "workspaceId"), "Microsoft.OperationalInsights/workspaces")
}

holds("activity log.workspaceId", setting) if {
	graph.proven(setting, "workspaceId", ["azure-native:operationalinsights:Workspace"])
}

# What is set on a resource of this stack is not set on the subscription.
settings := [setting |
	some type in ["azure-native:monitor:SubscriptionDiagnosticSetting", "azure-native:monitor:DiagnosticSetting"]
	some _, setting in subject.by_type[type]
	count(graph.targets(setting, "resourceUri")) == 0
]

required["azure-native:"] := subject.best(verdicts, log_wants) if {
	verdicts := [subject.judge({"activity log": setting.inputs}, log_wants, right) |
		some setting in settings
		right := {path | some path, _ in log_wants; holds(path, setting)}
	]
}

results := {name: verdict |
	some name, _ in subject.of(rego.metadata.chain())
	not bootstrap.only
	verdicts := [verdict | some cloud, verdict in required; subject.uses(cloud)]
	verdict := subject.worst(verdicts)
}
