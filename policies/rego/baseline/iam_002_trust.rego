# METADATA
# scope: package
# title: Roles say who may take them
# custom:
#   id: IAM-002
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["aws:iam/role:Role"]
#   on_unknown: defer
#   controls: [UAE-IA T5.2.2, ISO-27001:2022 5.15]
#   remediation: Name in `assumeRolePolicy` services, or roles of the accounts in the provider's `allowedAccountIds`; for anybody else's account add a condition on sts:ExternalId or aws:PrincipalOrgID, for an OIDC provider one on its `:sub`, for SAML one on SAML:aud. Never `*` or `NotPrincipal`.
#   owner: security
package falaj.rules.iam_002

import data.falaj.aws
import data.falaj.subject

wants := {"assumeRolePolicy": "statements for named services, accounts of one's own, or others with a condition that narrows them"}

# Whether one of those whom a statement lets in may be. What is not known to be one's own account is another's.
trusted("Service", service, _, _) if aws.is_service(service)

trusted("AWS", who, _, own) if aws.account(who) in own

trusted("AWS", who, statement, _) if {
	aws.account(who)
	aws.narrowed(statement, `^(sts:externalid|aws:principalorgid|aws:principalorgpaths)$`)
}

trusted("Federated", provider, statement, _) if {
	startswith(aws.arn(provider).resource, "oidc-provider/")
	aws.narrowed(statement, `:sub$`)
}

trusted("Federated", provider, statement, _) if {
	startswith(aws.arn(provider).resource, "saml-provider/")
	aws.narrowed(statement, `^saml:aud$`)
}

bounded(document, own) if {
	statements := aws.statements(document)
	count(statements) > 0
	every statement in statements { holds(statement, own) }
}

holds(statement, _) if statement.Effect == "Deny"

holds(statement, own) if {
	statement.Effect == "Allow"
	principals := aws.principals(statement)
	count(principals) > 0
	every principal in principals { trusted(principal[0], principal[1], statement, own) }
}

results := {urn: verdict |
	some urn, role in subject.of(rego.metadata.chain())
	own := aws.accounts(role)
	right := {"assumeRolePolicy" | bounded(subject.at(role.inputs, "assumeRolePolicy"), own)}
	verdict := subject.judge(role.inputs, wants, right)
}
