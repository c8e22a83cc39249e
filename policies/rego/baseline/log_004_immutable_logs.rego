# METADATA
# scope: package
# title: Audit logs cannot be changed or deleted
# custom:
#   id: LOG-004
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:s3/bucket:Bucket", "azure-native:storage:StorageAccount"]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T3.6.4, ISO-27001:2022 8.15, ISO-27001:2022 5.33]
#   remediation: Give the bucket a BucketVersioning with `status` Enabled and a BucketObjectLockConfiguration with `mode` COMPLIANCE and `days` of `log_retention_days_min` or more; the storage account `immutableStorageWithVersioning` with such a policy.
#   owner: platform
package falaj.rules.log_004

import data.falaj.graph
import data.falaj.subject
import data.falaj.tags

# Who writes an audit trail, and the property that says where to. Not the access logs of buckets: S3 delivers those to no
# bucket that locks by default.
writers := {
	"aws:cloudtrail/trail:Trail": "s3BucketName",
	"aws:ec2/flowLog:FlowLog": "logDestination",
	"azure-native:monitor:DiagnosticSetting": "storageAccountId",
	"azure-native:monitor:SubscriptionDiagnosticSetting": "storageAccountId",
}

written contains urn if {
	some type, path in writers
	some _, writer in subject.by_type[type]
	some urn in graph.targets(writer, path)
}

audit(urn, _) if urn in written

audit(_, store) if tags.of(store).tags.purpose == "audit"

least := object.get(input, ["params", "log_retention_days_min"], null)

long(days) if {
	is_number(least)
	is_number(days)
	days >= least
}

bucket_wants := {
	"versioning": "Enabled",
	"object lock.mode": "COMPLIANCE or GOVERNANCE",
	"object lock.days": sprintf("%s or more", [subject.shown(least)]),
}

# The values that resources of a type beside the bucket give at a path; with several of them, all must be right.
beside(urn, type, path) := [subject.at(resource.inputs, path) |
	some resource in graph.pointing(urn, type, "bucket")
	graph.given(resource, "bucket")
]

facts(urn) := {
	"versioning": beside(urn, "aws:s3/bucketVersioning:BucketVersioning", "versioningConfiguration.status"),
	"object lock": {"mode": [lock.mode | some lock in locks], "days": [lock.days | some lock in locks]},
} if {
	locks := [{"mode": subject.at(retention, "mode"), "days": days(retention)} |
		some retention in beside(
			urn, "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
			"rule.defaultRetention",
		)
	]
}

days(retention) := retention.years * 365 if is_number(retention.years)

else := subject.first([length | some unit in ["days", "years"]; length := subject.at(retention, unit); length != null])

holds("versioning", status) if status == "Enabled"

holds("object lock.mode", mode) if mode in {"COMPLIANCE", "GOVERNANCE"}

holds("object lock.days", length) if long(length)

bucket_verdict(urn) := subject.judge(bucket, bucket_wants, right) if {
	bucket := facts(urn)
	right := {path |
		some path, _ in bucket_wants
		found := subject.at(bucket, path)
		count(found) > 0
		every value in found { holds(path, value) }
	}
}

account_wants := {
	"immutableStorageWithVersioning.enabled": "true",
	"immutableStorageWithVersioning.immutabilityPolicy.state": "Locked, or Unlocked until it is locked",
	"immutableStorageWithVersioning.immutabilityPolicy.immutabilityPeriodSinceCreationInDays": sprintf("%s or more", [subject.shown(least)]),
}

kept("immutableStorageWithVersioning.enabled", true)

# Azure makes no policy that is locked from the start.
kept("immutableStorageWithVersioning.immutabilityPolicy.state", state) if state in {"Locked", "Unlocked"}

kept("immutableStorageWithVersioning.immutabilityPolicy.immutabilityPeriodSinceCreationInDays", length) if long(length)

account_verdict(store) := subject.judge(store.inputs, account_wants, right) if {
	right := {path | some path, _ in account_wants; kept(path, subject.at(store.inputs, path))}
}

results := object.union(
	{urn: bucket_verdict(urn) | some urn, store in subject.by_type["aws:s3/bucket:Bucket"]; audit(urn, store)},
	{urn: account_verdict(store) | some urn, store in subject.by_type["azure-native:storage:StorageAccount"]; audit(urn, store)},
)
