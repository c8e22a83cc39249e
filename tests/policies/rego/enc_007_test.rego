package falaj_test.enc_007

import data.falaj_test.cases
import data.falaj_test.harness

role(name) := concat("", ["arn:aws:iam::123456789012:role/", name])

root := {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}

admins := {
	"Effect": "Allow",
	"Principal": {"AWS": role("key-admin")},
	"Action": ["kms:Put*", "kms:Describe*", "kms:Disable*", "kms:ScheduleKeyDeletion"],
	"Resource": "*",
}

users := {
	"Effect": "Allow",
	"Principal": {"AWS": [role("bank"), role("bank-batch")]},
	"Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
	"Resource": "*",
}

policy(statements) := json.marshal({"Version": "2012-10-17", "Statement": statements})

stated(statements) := [{"op": "replace", "path": "/resources/key/inputs/policy", "value": policy(statements)}]

fixtures := {
	"tenant's key": {
		"subject": "key",
		"good": {"resources": {
			"key": {
				"type": "aws:kms/key:Key",
				"inputs": {"enableKeyRotation": true, "policy": policy([root, admins, users]), "tags": {"tenant": "bank"}},
			},
			"alias": {
				"type": "aws:kms/alias:Alias",
				"inputs": {"name": "alias/bank", "targetKeyId": cases.unknown},
				"edges": {"targetKeyId": ["key"]},
			},
			"bucket": {"type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "lake", "tags": {"tenant": "bank"}}},
			"sse": {
				"type": "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
				"inputs": {
					"bucket": cases.unknown,
					"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": cases.unknown}}],
				},
				"edges": {"bucket": ["bucket"], "rules": ["key"]},
			},
			"class": {
				"type": "kubernetes:storage.k8s.io/v1:StorageClass",
				"inputs": {
					"metadata": {"name": "disks", "labels": {"tenant": "bank"}},
					"provisioner": "ebs.csi.aws.com",
					"parameters": {"kmsKeyId": cases.unknown},
				},
				"edges": {"parameters": ["key"]},
			},
			"volume": {
				"type": "aws:ebs/volume:Volume",
				"inputs": {
					"availabilityZone": "me-central-1a",
					"size": 100,
					"encrypted": true,
					"kmsKeyId": cases.unknown,
					"tags": {"tenant": "bank"},
				},
				"edges": {"kmsKeyId": ["key"]},
			},
			"default": {
				"type": "aws:ebs/defaultKmsKey:DefaultKmsKey",
				"inputs": {"keyArn": cases.unknown},
				"edges": {"keyArn": ["key"]},
			},
		}},
		"paths": [
			"/resources/key/inputs/policy",
			"/resources/key/inputs/tags",
			"/resources/key/inputs/tags/tenant",
			"/resources/bucket/inputs/tags/tenant",
			"/resources/volume/inputs/tags",
			"/resources/volume/inputs/tags/tenant",
			"/resources/sse/edges/bucket",
		],
		"bad": {
			"an administrator who may use it": stated([root, object.union(admins, {"Action": "kms:*"})]),
			"an administrator who may use it by another statement": stated([root, admins, users, object.union(users, {"Principal": {"AWS": role("key-admin")}})]),
			"a second account": stated([root, object.union(root, {"Principal": {"AWS": "arn:aws:iam::210987654321:root"}})]),
			"anybody": stated([root, admins, object.union(users, {"Principal": "*"})]),
			"everybody but one": stated([root, admins, {
				"Effect": "Allow",
				"NotPrincipal": {"AWS": role("guest")},
				"Action": "kms:Decrypt",
				"Resource": "*",
			}]),
			"no users": stated([admins]),
			"no administrators": stated([users]),
			"an action that is none": stated([admins, object.union(users, {"Action": ["kms:[Decrypt", 1]})]),
			"another tenant's bucket": [{"op": "replace", "path": "/resources/bucket/inputs/tags/tenant", "value": "insurer"}],
			"another tenant's volume": [{"op": "replace", "path": "/resources/volume/inputs/tags/tenant", "value": "insurer"}],
			"another tenant's class": [{"op": "replace", "path": "/resources/class/inputs/metadata/labels/tenant", "value": "insurer"}],
			"nobody's volume": [{"op": "remove", "path": "/resources/volume/inputs/tags"}],
			"a policy beside it": [{
				"op": "add",
				"path": "/resources/beside",
				"value": {
					"type": "aws:kms/keyPolicy:KeyPolicy",
					"inputs": {"keyId": cases.unknown, "policy": policy([object.union(admins, {"Action": "kms:*"})])},
					"edges": {"keyId": ["key"]},
				},
			}],
		},
		# A configuration of an unknown bucket is nobody's.
		"expect": {"unknown": {"/resources/sse/edges/bucket": "fail"}},
	},
	"policy beside it": {
		"subject": "key",
		"good": {
			"resources": {
				"key": {"type": "aws:kms/key:Key", "inputs": {"tags": {"tenant": "platform"}}},
				"policy": {
					"type": "aws:kms/keyPolicy:KeyPolicy",
					"inputs": {
						"keyId": cases.unknown,
						"policy": policy([admins, object.union(users, {
							"Principal": "*",
							"Condition": {"StringEquals": {"kms:CallerAccount": "123456789012", "kms:ViaService": "s3.me-central-1.amazonaws.com"}},
						})]),
					},
					"edges": {"keyId": ["key"]},
				},
				"old": {
					"type": "aws:ebs/volume:Volume",
					"inputs": {"availabilityZone": "me-central-1a", "kmsKeyId": cases.unknown, "tags": {"tenant": "bank"}},
					"edges": {"kmsKeyId": ["key"]},
				},
			},
			"operations": {"old": "delete"},
		},
		"paths": ["/resources/policy/inputs/policy", "/resources/policy/edges/keyId"],
		"bad": {"none": [{"op": "remove", "path": "/resources/policy"}]},
		# The policy is then another key's.
		"expect": {"unknown": {"/resources/policy/edges/keyId": "fail"}},
	},
}

test_good if harness.good("ENC-007", fixtures)

test_bad if harness.bad("ENC-007", fixtures)

test_absent if harness.absent("ENC-007", fixtures)

test_null if harness.null_("ENC-007", fixtures)

test_empty if harness.empty("ENC-007", fixtures)

test_unknown if harness.unknown("ENC-007", fixtures)
