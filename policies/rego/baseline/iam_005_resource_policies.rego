# METADATA
# scope: package
# title: Policies of resources let nobody in whom they do not name
# custom:
#   id: IAM-005
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey", "aws:kms/externalKey:ExternalKey", "aws:kms/keyPolicy:KeyPolicy", "aws:s3/bucket:Bucket", "aws:s3/bucketPolicy:BucketPolicy", "aws:ecr/repositoryPolicy:RepositoryPolicy", "aws:ecr/registryPolicy:RegistryPolicy", "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy", "aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy", "aws:secretsmanager/secret:Secret", "aws:secretsmanager/secretPolicy:SecretPolicy", "aws:efs/fileSystemPolicy:FileSystemPolicy", "aws:backup/vaultPolicy:VaultPolicy"]
#   on_unknown: defer
#   controls: [UAE-IA T5.6.1, ISO-27001:2022 8.3]
#   remediation: Name the `Principal` of every statement that allows, or narrow `*` by a condition on aws:PrincipalOrgID, aws:PrincipalAccount, aws:SourceArn, aws:SourceAccount or aws:SourceVpce; no `NotPrincipal`.
#   owner: security
package falaj.rules.iam_005

import data.falaj.aws
import data.falaj.subject

wants := {"policy": "statements for named principals, or with a condition that narrows them"}

# Of these, one without a policy is its account's only.
optional := {
	"aws:kms/key:Key",
	"aws:kms/replicaKey:ReplicaKey",
	"aws:kms/externalKey:ExternalKey",
	"aws:s3/bucket:Bucket",
	"aws:sqs/queue:Queue",
	"aws:sns/topic:Topic",
	"aws:secretsmanager/secret:Secret",
}

narrowing := `^(aws:(principalorgid|principalorgpaths|principalaccount|sourcearn|sourceaccount|sourceorgid|sourcevpce|sourcevpc)|kms:calleraccount)$`

named("AWS", who) if aws.account(who)

named("Service", who) if aws.is_service(who)

named("Federated", who) if aws.account(who)

named("CanonicalUser", who) if regex.match(`^[0-9a-f]{64}$`, who)

holds(statement) if statement.Effect == "Deny"

holds(statement) if {
	statement.Effect == "Allow"
	principals := aws.principals(statement)
	count(principals) > 0
	every principal in principals { named(principal[0], principal[1]) }
}

holds(statement) if {
	statement.Effect == "Allow"
	count(aws.principals(statement)) > 0
	aws.narrowed(statement, narrowing)
}

bounded(document) if {
	statements := aws.statements(document)
	count(statements) > 0
	every statement in statements { holds(statement) }
}

results := {urn: verdict |
	some urn, resource in subject.of(rego.metadata.chain())
	policy := subject.at(resource.inputs, "policy")
	right := {"policy" | bounded(policy)} | {"policy" | policy == null; subject.kinds[resource.type] in optional}
	verdict := subject.judge(resource.inputs, wants, right)
}
