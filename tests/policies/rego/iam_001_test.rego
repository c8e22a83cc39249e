package falaj_test.iam_001

import data.falaj_test.cases
import data.falaj_test.harness

reads := {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"]}

allows(action, resource) := {"Effect": "Allow", "Action": action, "Resource": resource}

document(statements) := {"Version": "2012-10-17", "Statement": statements}

first := "/resources/policy/inputs/policy/Statement/0"

stated(statements) := [{"op": "replace", "path": "/resources/policy/inputs/policy", "value": document(statements)}]

policy(type, key, inputs) := {
	"subject": "policy",
	"good": {"resources": {"policy": {"type": type, "inputs": object.union(inputs, {key: json.marshal(document([reads]))})}}},
	"paths": [concat("/", ["/resources/policy/inputs", key])],
	"bad": {"everything": [{
		"op": "replace",
		"path": concat("/", ["/resources/policy/inputs", key]),
		"value": json.marshal(document([reads, allows("*", "*")])),
	}]},
}

managed(name) := concat("", ["arn:aws:iam::aws:policy/", name])

attachment(type, key, inputs) := {
	"subject": "attachment",
	"good": {"resources": {"attachment": {"type": type, "inputs": object.union(inputs, {key: managed("AmazonEKSWorkerNodePolicy")})}}},
	"paths": [concat("/", ["/resources/attachment/inputs", key])],
	"bad": {name: [{"op": "replace", "path": concat("/", ["/resources/attachment/inputs", key]), "value": managed(name)}] |
		some name in ["AdministratorAccess", "PowerUserAccess", "IAMFullAccess", "AmazonS3FullAccess", "AdministratorAccess-Amplify"]
	},
}

role_id(guid) := concat("", ["/subscriptions/11111111-1111-1111-1111-111111111111/providers/Microsoft.Authorization/roleDefinitions/", guid])

assignment(guid, scope) := {
	"type": "azure-native:authorization:RoleAssignment",
	"inputs": {
		"principalId": "22222222-2222-2222-2222-222222222222",
		"principalType": "ServicePrincipal",
		"roleDefinitionId": role_id(guid),
		"scope": scope,
	},
}

subscription := "/subscriptions/11111111-1111-1111-1111-111111111111"

reader := "acdd72a7-3385-48ef-bd42-f606fba81ae7"

owner := "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"

scope := "/resources/assignment/inputs/scope"

definition := "/resources/assignment/inputs/roleDefinitionId"

fixtures := {
	"policy": {
		"subject": "policy",
		"good": {"resources": {"policy": {
			"type": "aws:iam/policy:Policy",
			"inputs": {"policy": document([reads, allows("ec2:Describe*", "*"), {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}])},
		}}},
		"paths": [
			"/resources/policy/inputs/policy",
			"/resources/policy/inputs/policy/Statement",
			concat("/", [first, "Effect"]),
			concat("/", [first, "Action"]),
			concat("/", [first, "Action/0"]),
			concat("/", [first, "Resource"]),
			concat("/", [first, "Resource/1"]),
		],
		"bad": {
			"everything": stated([allows("*", "*")]),
			"everything of a service": stated([allows(["s3:GetObject", "s3:*"], "*")]),
			"everything, written otherwise": stated([allows("*:*", ["arn:aws:iam::123456789012:role/app", "arn:aws:*"])]),
			"everything of all buckets": stated([allows("S3:**", "arn:aws:s3:::*")]),
			"everything but": stated([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]),
			"everywhere but": stated([{"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::lake"}]),
			"everything, under a condition": stated([object.union(allows("*", "*"), {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}})]),
			"one of two": stated([reads, allows("kms:*", "*")]),
			"no JSON": [{"op": "replace", "path": "/resources/policy/inputs/policy", "value": "{"}],
		},
		# One of two resources is enough.
		"expect": {"absent": {concat("/", [first, "Resource/1"]): "pass", concat("/", [first, "Action/0"]): "pass"}},
	},
	"role's policy": policy("aws:iam/rolePolicy:RolePolicy", "policy", {"role": "app"}),
	"user's policy": policy("aws:iam/userPolicy:UserPolicy", "policy", {"user": "robot"}),
	"group's policy": policy("aws:iam/groupPolicy:GroupPolicy", "policy", {"group": "robots"}),
	"permission set": policy("aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy", "inlinePolicy", {
		"instanceArn": "arn:aws:sso:::instance/ssoins-0123456789abcdef",
		"permissionSetArn": "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef",
	}),
	"role": {
		"subject": "role",
		"good": {"resources": {"role": {
			"type": "aws:iam/role:Role",
			"inputs": {
				"assumeRolePolicy": document([{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]),
				"inlinePolicies": [{"name": "reads", "policy": json.marshal(document([reads]))}],
				"managedPolicyArns": ["arn:aws:iam::123456789012:policy/AdministratorAccess", managed("AmazonEKSWorkerNodePolicy")],
			},
		}}},
		"paths": ["/resources/role/inputs/inlinePolicies/0/policy", "/resources/role/inputs/managedPolicyArns/1"],
		"bad": {
			"everything inside": [{
				"op": "replace",
				"path": "/resources/role/inputs/inlinePolicies/0/policy",
				"value": json.marshal(document([allows("*", "*")])),
			}],
			"an administrator": [{"op": "replace", "path": "/resources/role/inputs/managedPolicyArns/1", "value": managed("AdministratorAccess")}],
		},
		# A policy less allows less.
		"expect": {"absent": {"/resources/role/inputs/managedPolicyArns/1": "pass"}},
	},
	"attachment": attachment("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "policyArn", {"role": "app"}),
	"user's attachment": attachment("aws:iam/userPolicyAttachment:UserPolicyAttachment", "policyArn", {"user": "robot"}),
	"group's attachment": attachment("aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "policyArn", {"group": "robots"}),
	"attachment to several": attachment("aws:iam/policyAttachment:PolicyAttachment", "policyArn", {"roles": ["app"]}),
	"attachment to a permission set": attachment("aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment", "managedPolicyArn", {
		"instanceArn": "arn:aws:sso:::instance/ssoins-0123456789abcdef",
		"permissionSetArn": "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-0123456789abcdef",
	}),
	"attachment of a policy of this stack": {
		"subject": "attachment",
		"good": {"resources": {
			"attachment": {
				"type": "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
				"inputs": {"role": "app", "policyArn": cases.unknown},
				"edges": {"policyArn": ["policy"]},
			},
			"policy": {"type": "aws:iam/policy:Policy", "inputs": {"policy": document([reads])}},
		}},
		"paths": ["/resources/attachment/inputs/policyArn", "/resources/attachment/edges/policyArn"],
		"bad": {"an administrator": [{"op": "replace", "path": "/resources/attachment/inputs/policyArn", "value": managed("AdministratorAccess")}]},
		# The edge says which policy it is; without one, it is not known.
		"expect": {
			"absent": {"/resources/attachment/edges/policyArn": "indeterminate"},
			"null": {"/resources/attachment/edges/policyArn": "indeterminate"},
			"empty": {"/resources/attachment/edges/policyArn": "indeterminate"},
			"unknown": {"/resources/attachment/inputs/policyArn": "pass"},
		},
	},
	"assignment": {
		"subject": "assignment",
		"good": {"resources": {"assignment": assignment(reader, subscription)}},
		"paths": [definition, scope],
		"bad": object.union(
			{guid: [{"op": "replace", "path": definition, "value": role_id(guid)}] | some guid in [
				owner,
				"b24988ac-6180-42a0-ab88-20f7382dd24c",
				"18d7d88d-d35e-4fb5-a5c3-7720c20a72d9",
				"F58310D9-A9F6-439A-9E8D-F62E7B41A168",
			]},
			{"of many subscriptions": [
				{"op": "replace", "path": definition, "value": role_id(owner)},
				{"op": "replace", "path": scope, "value": "/providers/Microsoft.Management/managementGroups/all"},
			]},
		),
		# A reader may read everything.
		"expect": {"unknown": {scope: "pass"}},
	},
	"owner of a group": {
		"subject": "assignment",
		"good": {"resources": {"assignment": assignment(owner, concat("", [subscription, "/resourceGroups/data"]))}},
		"paths": [definition, scope],
		"bad": {"of the subscription": [{"op": "replace", "path": scope, "value": subscription}]},
	},
	"owner of a group of this stack": {
		"subject": "assignment",
		"good": {"resources": {
			"assignment": object.union(assignment(owner, cases.unknown), {"edges": {"scope": ["group"]}}),
			"group": {"type": "azure-native:resources:ResourceGroup", "inputs": {"location": "uaenorth"}},
		}},
		"paths": [scope],
		"bad": {"of the subscription": [{"op": "replace", "path": scope, "value": subscription}]},
		"expect": {"unknown": {scope: "pass"}},
	},
}

test_good if harness.good("IAM-001", fixtures)

test_bad if harness.bad("IAM-001", fixtures)

test_absent if harness.absent("IAM-001", fixtures)

test_null if harness.null_("IAM-001", fixtures)

test_empty if harness.empty("IAM-001", fixtures)

test_unknown if harness.unknown("IAM-001", fixtures)
