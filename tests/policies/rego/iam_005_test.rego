package falaj_test.iam_005

import data.falaj_test.cases
import data.falaj_test.harness

document(statements) := {"Version": "2012-10-17", "Statement": statements}

allows(principal) := {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}

when(statement, condition) := object.union(statement, {"Condition": condition})

app := {"AWS": ["arn:aws:iam::123456789012:role/app", "123456789012"]}

organization := {"StringEquals": {"aws:PrincipalOrgID": "o-falcon"}}

policy := "/resources/policy/inputs/policy"

first := concat("/", [policy, "Statement/0"])

second := concat("/", [policy, "Statement/1"])

stated(statements) := [{"op": "replace", "path": policy, "value": document(statements)}]

text(type, inputs) := {
	"subject": "policy",
	"good": {"resources": {"policy": {"type": type, "inputs": object.union(inputs, {"policy": json.marshal(document([allows(app)]))})}}},
	"paths": [policy],
	"bad": {"anybody": [{"op": "replace", "path": policy, "value": json.marshal(document([allows(app), allows("*")]))}]},
}

# One without a policy is its account's only.
optional(type, inputs) := object.union(text(type, inputs), {"expect": {"absent": {policy: "pass"}, "null": {policy: "pass"}}})

fixtures := {
	"bucket's policy": {
		"subject": "policy",
		"good": {"resources": {"policy": {
			"type": "aws:s3/bucketPolicy:BucketPolicy",
			"inputs": {
				"bucket": "lake",
				"policy": document([
					allows(app),
					when(allows("*"), organization),
					{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
				]),
			},
		}}},
		"paths": [
			policy,
			concat("/", [policy, "Statement"]),
			concat("/", [first, "Effect"]),
			concat("/", [first, "Principal"]),
			concat("/", [first, "Principal/AWS"]),
			concat("/", [first, "Principal/AWS/0"]),
			concat("/", [second, "Condition"]),
			concat("/", [second, "Condition/StringEquals"]),
			concat("/", [second, "Condition/StringEquals/aws:PrincipalOrgID"]),
		],
		"bad": {
			"anybody": stated([allows("*")]),
			"anybody of AWS": stated([allows({"AWS": ["*"]})]),
			"somebody and anybody": stated([allows({"AWS": ["arn:aws:iam::123456789012:role/app", "*"]})]),
			"anybody but": stated([{"Effect": "Allow", "NotPrincipal": app, "Action": "s3:GetObject", "Resource": "*"}]),
			"anybody but, under a condition": stated([when({"Effect": "Allow", "NotPrincipal": app, "Action": "*", "Resource": "*"}, organization)]),
			"any organization": stated([when(allows("*"), {"StringLike": {"aws:PrincipalOrgID": "*"}})]),
			"any bucket": stated([when(allows("*"), {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}})]),
			"any account's topics": stated([when(allows("*"), {"ArnLike": {"aws:SourceArn": "arn:aws:sns:me-central-1:*:*"}})]),
			"others than one organization": stated([when(allows("*"), {"StringNotEquals": {"aws:PrincipalOrgID": "o-ibis"}})]),
			"if it comes by one": stated([when(allows("*"), {"StringEqualsIfExists": {"aws:SourceVpce": "vpce-0123456789abcdef0"}})]),
			"some way": stated([when(allows("*"), {"Bool": {"aws:SecureTransport": "true"}})]),
			"no JSON": [{"op": "replace", "path": policy, "value": "{"}],
		},
		# One of two is enough.
		"expect": {"absent": {concat("/", [first, "Principal/AWS/0"]): "pass"}},
	},
	"narrowed": {
		"subject": "policy",
		"good": {"resources": {"policy": {
			"type": "aws:sqs/queuePolicy:QueuePolicy",
			"inputs": {
				"queueUrl": "https://sqs.me-central-1.amazonaws.com/123456789012/jobs",
				"policy": document([when(allows("*"), {"ArnLike": {"aws:SourceArn": ["arn:aws:sns:me-central-1:123456789012:*"]}})]),
			},
		}}},
		"paths": [concat("/", [first, "Condition/ArnLike/aws:SourceArn"]), concat("/", [first, "Condition/ArnLike/aws:SourceArn/0"])],
		"bad": {key: stated([when(allows("*"), {"StringLike": {key: "*"}})]) |
			some key in ["aws:SourceAccount", "aws:SourceVpce", "aws:PrincipalAccount", "kms:CallerAccount"]
		},
	},
	"named otherwise": {
		"subject": "policy",
		"good": {"resources": {"policy": {
			"type": "aws:s3/bucketPolicy:BucketPolicy",
			"inputs": {"bucket": "lake", "policy": document([
				allows({"Service": "cloudtrail.amazonaws.com"}),
				allows({"Federated": "arn:aws:iam::123456789012:saml-provider/idp"}),
			])},
		}}},
		"paths": [
			concat("/", [first, "Principal/Service"]),
			concat("/", [second, "Principal/Federated"]),
		],
		"bad": {kind: stated([allows({kind: "*"})]) | some kind in ["AWS", "Service", "Federated"]},
	},
	"named by canonical id": {
		"subject": "policy",
		"good": {"resources": {"policy": {
			"type": "aws:s3/bucketPolicy:BucketPolicy",
			"inputs": {"bucket": "lake", "policy": json.marshal(document([allows({
				"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be",
			})]))},
		}}},
		"paths": [policy],
		"bad": {"anybody": [{"op": "replace", "path": policy, "value": json.marshal(document([allows({"CanonicalUser": "*"})]))}]},
	},
	"key": optional("aws:kms/key:Key", {"enableKeyRotation": true}),
	"replica": optional("aws:kms/replicaKey:ReplicaKey", {"primaryKeyArn": "arn:aws:kms:me-central-1:123456789012:key/mrk-0"}),
	"external key": optional("aws:kms/externalKey:ExternalKey", {}),
	"bucket": optional("aws:s3/bucket:Bucket", {}),
	"queue": optional("aws:sqs/queue:Queue", {}),
	"topic": optional("aws:sns/topic:Topic", {}),
	"secret": optional("aws:secretsmanager/secret:Secret", {}),
	"key's policy": text("aws:kms/keyPolicy:KeyPolicy", {"keyId": cases.unknown}),
	"repository's policy": text("aws:ecr/repositoryPolicy:RepositoryPolicy", {"repository": "app"}),
	"registry's policy": text("aws:ecr/registryPolicy:RegistryPolicy", {}),
	"topic's policy": text("aws:sns/topicPolicy:TopicPolicy", {"arn": "arn:aws:sns:me-central-1:123456789012:alerts"}),
	"secret's policy": text("aws:secretsmanager/secretPolicy:SecretPolicy", {"secretArn": cases.unknown}),
	"file system's policy": text("aws:efs/fileSystemPolicy:FileSystemPolicy", {"fileSystemId": "fs-0123456789abcdef0"}),
	"vault's policy": text("aws:backup/vaultPolicy:VaultPolicy", {"backupVaultName": "vault"}),
}

test_good if harness.good("IAM-005", fixtures)

test_bad if harness.bad("IAM-005", fixtures)

test_absent if harness.absent("IAM-005", fixtures)

test_null if harness.null_("IAM-005", fixtures)

test_empty if harness.empty("IAM-005", fixtures)

test_unknown if harness.unknown("IAM-005", fixtures)
