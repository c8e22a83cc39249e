# METADATA
# scope: package
# title: Changes of identities, keys and policies are seen by four eyes
# custom:
#   id: IAM-007
#   severity: critical
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [plan]
#   on_unknown: defer
#   waivable: false
#   controls: [UAE-IA T3.2.4, UAE-IA T3.2.3, ISO-27001:2022 5.3, ISO-27001:2022 8.32]
#   remediation: Let others than the author look at the plan and sign it with `falaj gate approve`; approvals end after a day and with the plan.
#   owner: security
package falaj.rules.iam_007

import data.falaj.approval
import data.falaj.subject

sensitive := [
	"aws:iam/",
	"aws:kms/",
	"aws:organizations/",
	"aws:secretsmanager/",
	"aws:s3/bucketPolicy:",
	"azure-native:authorization",
	"azure-native:keyvault",
	"azure-native:managedidentity",
	"kubernetes:rbac.authorization.k8s.io",
]

touched := {urn |
	some urn, operation in object.get(input, "operations", {})
	not operation in {"same", "read"}
	strings.any_prefix_match(input.resources[urn].type, sensitive)
}

results := {"plan": verdict |
	some name, _ in subject.of(rego.metadata.chain())
	name == "plan"
	count(touched) > 0
	verdict := subject.judge(approval.facts, approval.wants, approval.right)
}
