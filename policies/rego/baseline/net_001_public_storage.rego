# METADATA
# scope: package
# title: Object storage is closed to the public
# custom:
#   id: NET-001
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["aws:s3/bucket:Bucket", "azure-native:storage:StorageAccount"]
#   needs: stack
#   on_unknown: deny
#   controls: [UAE-IA T5.6.3, UAE-IA T5.6.1, UAE-PDPL 20, ISO-27001:2022 8.3, GDPR 25]
#   remediation: Give every bucket a BucketPublicAccessBlock with `blockPublicAcls`, `blockPublicPolicy`, `ignorePublicAcls` and `restrictPublicBuckets` all true, and no ACL for everybody; set a storage account's `allowBlobPublicAccess` to false and `publicNetworkAccess` to Disabled.
#   owner: platform
package falaj.rules.net_001

import data.falaj.aws
import data.falaj.graph
import data.falaj.subject

blocks := {"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"}

wants_bucket := object.union(
	{property: "true in every BucketPublicAccessBlock of the bucket, and it must have one" | some property in blocks},
	{"acl": "private or none", "grants": "to accounts of one's own and to S3's log delivery only"},
)

# ACLs that give nobody else anything; one that is not there is private.
closed := {null, "private", "log-delivery-write", "bucket-owner-read", "bucket-owner-full-control"}

log_delivery := "http://acs.amazonaws.com/groups/s3/LogDelivery"

# What is said of a bucket, by itself and beside it, each property as a list.
said(urn, bucket) := object.union(
	{property: [subject.at(block.inputs, property) | some block in found] | some property in blocks},
	{
		"acl": [subject.at(resource.inputs, "acl") | some resource in acls],
		"grants": array.concat(
			[subject.at(grant, "uri") | some grant in aws.listed(subject.at(bucket.inputs, "grants"))],
			[subject.at(grant, "grantee.uri") |
				some acl in acls
				some grant in aws.listed(subject.at(acl.inputs, "accessControlPolicy.grants"))
			],
		),
	},
) if {
	found := graph.pointing(urn, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "bucket")
	acls := array.concat([bucket], [acl | some acl in graph.pointing(urn, "aws:s3/bucketAcl:BucketAcl", "bucket")])
}

holds("acl", values) if {
	every value in values {
		value in closed
	}
}

holds("grants", values) if {
	every value in values {
		value in {null, log_delivery}
	}
}

holds(property, values) if {
	property in blocks
	count(values) > 0
	every value in values {
		value == true
	}
}

# A list of what is said several times, the thing itself of what is said once.
facts(values) := {fact: object.get({0: null, 1: subject.first(list)}, count(list), list) | some fact, list in values}

wants_account := {"allowBlobPublicAccess": "false", "publicNetworkAccess": "Disabled"}

private("allowBlobPublicAccess", false)

private("publicNetworkAccess", "Disabled")

results := object.union_n([
	{urn: verdict |
		some urn, bucket in subject.by_type["aws:s3/bucket:Bucket"]
		values := said(urn, bucket)
		right := {fact | some fact, list in values; holds(fact, list)}
		verdict := subject.judge(facts(values), wants_bucket, right)
	},
	{urn: verdict |
		some urn, account in subject.by_type["azure-native:storage:StorageAccount"]
		right := {path | some path, _ in wants_account; private(path, subject.at(account.inputs, path))}
		verdict := subject.judge(account.inputs, wants_account, right)
	},
])
