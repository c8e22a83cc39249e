package falaj_test.iam_002

import data.falaj_test.harness

allows(principal) := {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}

when(statement, condition) := object.union(statement, {"Condition": condition})

document(statements) := {"Version": "2012-10-17", "Statement": statements}

role(statements) := {"type": "aws:iam/role:Role", "inputs": {"assumeRolePolicy": document(statements)}}

policy := "/resources/role/inputs/assumeRolePolicy"

first := concat("/", [policy, "Statement/0"])

stated(statements) := [{"op": "replace", "path": policy, "value": document(statements)}]

cluster := "oidc.eks.me-central-1.amazonaws.com/id/0123456789ABCDEF"

federated := allows({"Federated": concat("", ["arn:aws:iam::123456789012:oidc-provider/", cluster])})

subject_of(text) := {"StringEquals": {
	concat("", [cluster, ":aud"]): "sts.amazonaws.com",
	concat("", [cluster, ":sub"]): text,
}}

saml := allows({"Federated": "arn:aws:iam::123456789012:saml-provider/idp"})

partner := {"AWS": "arn:aws:iam::210987654321:role/partner"}

fixtures := {
	"services": {
		"subject": "role",
		"good": {"resources": {"role": role([
			allows({"Service": ["ec2.amazonaws.com", "pods.eks.amazonaws.com"]}),
			{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
		])}},
		"paths": [
			policy,
			concat("/", [policy, "Statement"]),
			concat("/", [first, "Effect"]),
			concat("/", [first, "Principal"]),
			concat("/", [first, "Principal/Service"]),
			concat("/", [first, "Principal/Service/0"]),
		],
		"bad": {
			"anybody": stated([allows("*")]),
			"anybody of AWS": stated([allows({"AWS": "*"})]),
			"anybody, under a condition": stated([when(allows({"AWS": "*"}), {"StringEquals": {"sts:ExternalId": "falcon"}})]),
			"anybody but": stated([{"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}]),
			"another account": stated([allows(partner)]),
			"a provider's every token": stated([federated]),
			"any account's role of that name": stated([allows({"AWS": "arn:aws:iam::*:role/partner"})]),
			"every provider": stated([when(allows({"Federated": "*"}), subject_of("system:serviceaccount:falcon:app"))]),
		},
		# One of two services is enough.
		"expect": {"absent": {concat("/", [first, "Principal/Service/0"]): "pass"}},
	},
	"as text": {
		"subject": "role",
		"good": {"resources": {"role": {
			"type": "aws:iam/role:Role",
			"inputs": {"assumeRolePolicy": json.marshal(document([allows({"Service": "ec2.amazonaws.com"})]))},
		}}},
		"paths": [policy],
		"bad": {"anybody": [{"op": "replace", "path": policy, "value": json.marshal(document([allows("*")]))}]},
	},
	"own account": {
		"subject": "role",
		"good": {"resources": {"role": object.union(
			role([allows({"AWS": ["arn:aws:iam::123456789012:role/deploy", "123456789012"]})]),
			{"provider": {"allowedAccountIds": json.marshal(["123456789012"])}},
		)}},
		"paths": [concat("/", [first, "Principal/AWS"]), concat("/", [first, "Principal/AWS/0"]), "/resources/role/provider/allowedAccountIds"],
		"bad": {
			"another account": [{"op": "replace", "path": concat("/", [first, "Principal/AWS"]), "value": "arn:aws:iam::210987654321:root"}],
			"another account's number": [{"op": "replace", "path": concat("/", [first, "Principal/AWS"]), "value": "210987654321"}],
		},
		# One of two is enough; an account that is not known to be one's own is another's.
		"expect": {
			"absent": {concat("/", [first, "Principal/AWS/0"]): "pass"},
			"unknown": {"/resources/role/provider/allowedAccountIds": "fail"},
		},
	},
	"partner": {
		"subject": "role",
		"good": {"resources": {"role": object.union(
			role([when(allows(partner), {"StringEquals": {"sts:ExternalId": ["falcon-2026"]}})]),
			{"provider": {"allowedAccountIds": ["123456789012"]}},
		)}},
		"paths": [
			concat("/", [first, "Principal/AWS"]),
			concat("/", [first, "Condition"]),
			concat("/", [first, "Condition/StringEquals"]),
			concat("/", [first, "Condition/StringEquals/sts:ExternalId"]),
			concat("/", [first, "Condition/StringEquals/sts:ExternalId/0"]),
		],
		"bad": {
			"any external id": stated([when(allows(partner), {"StringLike": {"sts:ExternalId": "*"}})]),
			"if there is one": stated([when(allows(partner), {"StringEqualsIfExists": {"sts:ExternalId": "falcon-2026"}})]),
			"any but one": stated([when(allows(partner), {"StringNotEquals": {"sts:ExternalId": "ibis"}})]),
			"something else": stated([when(allows(partner), {"StringEquals": {"aws:RequestedRegion": "me-central-1"}})]),
		},
	},
	"organization": {
		"subject": "role",
		"good": {"resources": {"role": role([when(allows(partner), {"StringEquals": {"aws:PrincipalOrgID": "o-falcon"}})])}},
		"paths": [concat("/", [first, "Condition/StringEquals/aws:PrincipalOrgID"])],
		"bad": {"any": [{"op": "replace", "path": concat("/", [first, "Condition/StringEquals/aws:PrincipalOrgID"]), "value": "*"}]},
	},
	"service account": {
		"subject": "role",
		"good": {"resources": {"role": role([when(federated, subject_of("system:serviceaccount:falcon:app"))])}},
		"paths": [
			concat("/", [first, "Principal/Federated"]),
			concat("/", [first, "Condition"]),
			concat("/", [first, concat("", ["Condition/StringEquals/", replace(cluster, "/", "~1"), ":sub"])]),
		],
		"bad": {
			"any subject": stated([when(federated, {"StringLike": {concat("", [cluster, ":sub"]): "*"}})]),
			"any service account": stated([when(federated, {"StringLike": {concat("", [cluster, ":sub"]): "system:serviceaccount:*:*"}})]),
			"for whom, not from whom": stated([when(federated, {"StringEquals": {concat("", [cluster, ":aud"]): "sts.amazonaws.com"}})]),
		},
	},
	"people": {
		"subject": "role",
		"good": {"resources": {"role": role([when(saml, {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}})])}},
		"paths": [concat("/", [first, "Condition/StringEquals/SAML:aud"])],
		"bad": {"for anything": stated([saml])},
	},
}

test_good if harness.good("IAM-002", fixtures)

test_bad if harness.bad("IAM-002", fixtures)

test_absent if harness.absent("IAM-002", fixtures)

test_null if harness.null_("IAM-002", fixtures)

test_empty if harness.empty("IAM-002", fixtures)

test_unknown if harness.unknown("IAM-002", fixtures)
