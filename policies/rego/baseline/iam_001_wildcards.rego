# METADATA
# scope: package
# title: Nobody may do everything
# custom:
#   id: IAM-001
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy", "aws:iam/userPolicy:UserPolicy", "aws:iam/groupPolicy:GroupPolicy", "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy", "aws:iam/role:Role", "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "aws:iam/userPolicyAttachment:UserPolicyAttachment", "aws:iam/groupPolicyAttachment:GroupPolicyAttachment", "aws:iam/policyAttachment:PolicyAttachment", "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment", "azure-native:authorization:RoleAssignment"]
#   on_unknown: defer
#   controls: [UAE-IA T5.2.2, ISO-27001:2022 8.2, ISO-27001:2022 5.15]
#   remediation: Name in each statement the actions and the resources that are needed, with no `NotAction` or `NotResource`; attach a policy of your own in place of AWS's AdministratorAccess, PowerUserAccess or a FullAccess; assign Azure's Owner, Contributor and administrators of access on a resource group or less.
#   owner: security
package falaj.rules.iam_001

import data.falaj.aws
import data.falaj.graph
import data.falaj.subject

# Where each type keeps a document, and where one names a policy.
documents := {
	"aws:iam/policy:Policy": "policy",
	"aws:iam/rolePolicy:RolePolicy": "policy",
	"aws:iam/userPolicy:UserPolicy": "policy",
	"aws:iam/groupPolicy:GroupPolicy": "policy",
	"aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy": "inlinePolicy",
}

attachments := {
	"aws:iam/rolePolicyAttachment:RolePolicyAttachment": "policyArn",
	"aws:iam/userPolicyAttachment:UserPolicyAttachment": "policyArn",
	"aws:iam/groupPolicyAttachment:GroupPolicyAttachment": "policyArn",
	"aws:iam/policyAttachment:PolicyAttachment": "policyArn",
	"aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment": "managedPolicyArn",
}

scoped := "statements that name actions and resources, none of them all of a service's actions on everything"

named := "a policy, but AdministratorAccess, PowerUserAccess or a FullAccess of AWS"

# {path: what it must be} of a resource. A role may have documents and attachments inside.
wants(_, type) := {documents[type]: scoped}

wants(_, type) := {attachments[type]: named}

wants(role, "aws:iam/role:Role") := object.union(
	{concat(".", [where, "policy"]): scoped |
		some where, _ in subject.items("inlinePolicies", subject.at(role.inputs, "inlinePolicies"))
	},
	{where: named | some where, _ in subject.items("managedPolicyArns", subject.at(role.inputs, "managedPolicyArns"))},
)

holds(resource, path, want) if {
	want == scoped
	bounded(subject.at(resource.inputs, path))
}

holds(resource, path, want) if {
	want == named
	graph.proven(resource, path, ["aws:iam/policy:Policy"])
}

holds(resource, path, want) if {
	want == named
	found := aws.arn(subject.at(resource.inputs, path))
	found.service == "iam"
	startswith(found.resource, "policy/")
	not sweeping(found)
}

sweeping(policy) if {
	policy.account == "aws"
	regex.match(`/(AdministratorAccess[^/]*|PowerUserAccess|[^/]*FullAccess)$`, policy.resource)
}

bounded(document) if {
	statements := aws.statements(document)
	count(statements) > 0
	every statement in statements { harmless(statement) }
}

harmless(statement) if statement.Effect == "Deny"

harmless(statement) if {
	statement.Effect == "Allow"
	not statement.NotAction
	not statement.NotResource
	all_match(`^(\*|[\w-]+:[\w*?]+)$`, statement.Action)
	all_match(`^(\*$|arn:.)`, statement.Resource)
	not sweeps(statement)
}

all_match(pattern, value) if {
	list := aws.listed(value)
	count(list) > 0
	every text in list { subject.matches(pattern, text) }
}

# `*`, `s3:*` and `s3:**` alike.
sweeps(statement) if {
	some action in aws.listed(statement.Action)
	regex.match(`^([^:]*:)?[*?]+$`, action)
	some resource in aws.listed(statement.Resource)
	aws.wide(resource)
}

# Owner, Contributor, User Access Administrator, Role Based Access Control Administrator.
administrators := {
	"8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
	"b24988ac-6180-42a0-ab88-20f7382dd24c",
	"18d7d88d-d35e-4fb5-a5c3-7720c20a72d9",
	"f58310d9-a9f6-439a-9e8d-f62e7b41a168",
}

wants_assignment := {
	"roleDefinitionId": "the ID of a role",
	"scope": "a resource group or less (for Owner, Contributor and administrators of access)",
}

# The GUID at the end of a role's ID.
role(assignment) := lower(guid) if {
	is_string(assignment.inputs.roleDefinitionId)
	[[_, guid]] := regex.find_all_string_submatch_n(`(?i)/providers/Microsoft\.Authorization/roleDefinitions/([0-9a-f-]{36})$`, assignment.inputs.roleDefinitionId, -1)
}

administers(assignment) if role(assignment) in administrators

assigned("roleDefinitionId", assignment) if role(assignment)

# Which role it is, if it is none of these or none at all, `roleDefinitionId` says.
assigned("scope", assignment) if {
	graph.given(assignment, "scope")
	not administers(assignment)
}

assigned("scope", assignment) if graph.proven(assignment, "scope", ["azure-native:resources:ResourceGroup"])

assigned("scope", assignment) if subject.matches(`(?i)^/?subscriptions/[^/]+/resourceGroups/[^/]+`, assignment.inputs.scope)

results := object.union_n([
	{urn: verdict |
		some type in ((object.keys(documents) | object.keys(attachments)) | {"aws:iam/role:Role"})
		some urn, resource in subject.by_type[type]
		wanted := wants(resource, type)
		right := {path | some path, want in wanted; holds(resource, path, want)}
		verdict := subject.judge(resource.inputs, wanted, right)
	},
	{urn: verdict |
		some urn, assignment in subject.by_type["azure-native:authorization:RoleAssignment"]
		right := {path | some path, _ in wants_assignment; assigned(path, assignment)}
		verdict := subject.judge(assignment.inputs, wants_assignment, right)
	},
])
