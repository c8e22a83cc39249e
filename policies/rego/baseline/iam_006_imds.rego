# METADATA
# scope: package
# title: Instances give their credentials to themselves only
# custom:
#   id: IAM-006
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/instance:Instance", "aws:ec2/spotInstanceRequest:SpotInstanceRequest", "aws:ec2/launchConfiguration:LaunchConfiguration"]
#   on_unknown: defer
#   controls: [UAE-IA T5.5.2, ISO-27001:2022 8.9]
#   remediation: Set `metadataOptions` with `httpEndpoint` enabled (or disabled), `httpTokens` required and `httpPutResponseHopLimit` 1; where pods need 2 hops, give the reason in the tag `imds-hop-reason`.
#   owner: security
package falaj.rules.iam_006

import data.falaj.subject

wants := {
	"metadataOptions.httpEndpoint": "enabled or disabled",
	"metadataOptions.httpTokens": "required",
	"metadataOptions.httpPutResponseHopLimit": "1 (or 2, with a reason in the tag imds-hop-reason)",
}

holds("metadataOptions.httpEndpoint", value, _) if value in {"enabled", "disabled"}

holds("metadataOptions.httpTokens", "required", _)

holds("metadataOptions.httpPutResponseHopLimit", 1, _)

holds("metadataOptions.httpPutResponseHopLimit", 2, reason) if subject.named(reason)

results := {urn: verdict |
	some urn, resource in subject.of(rego.metadata.chain())
	reason := subject.at(resource.inputs, "tags.imds-hop-reason")
	right := {path | some path, _ in wants; holds(path, subject.at(resource.inputs, path), reason)}
	verdict := subject.judge(resource.inputs, wants, right)
}
