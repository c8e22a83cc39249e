# METADATA
# scope: package
# title: Servers that act on requests demand a token
# custom:
#   id: LOC-002
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [falaj:local:DecisionServer, falaj:local:RayRuntime]
#   on_unknown: deny
#   controls: [UAE-IA T5.5.2, ISO-27001:2022 8.5]
#   remediation: Set `auth` to token; falaj makes the token and keeps it in a file of mode 0600.
#   owner: platform
package falaj.rules.loc_002

import data.falaj.subject

wants := {"auth": "token"}

results := {urn: verdict |
	some urn, server in subject.of(rego.metadata.chain())
	right := {"auth" | subject.at(server.inputs, "auth") == "token"}
	verdict := subject.judge(server.inputs, wants, right)
}
