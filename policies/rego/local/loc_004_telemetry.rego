# METADATA
# scope: package
# title: Nothing reports its use to its maker
# custom:
#   id: LOC-004
#   severity: high
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [falaj:local:DecisionServer, falaj:local:TrackingServer, falaj:local:RayRuntime]
#   on_unknown: deny
#   controls: [UAE-PDPL 22, UAE-IA T7.6.4, ISO-27001:2022 8.12]
#   remediation: Set `telemetry` to false.
#   owner: platform
package falaj.rules.loc_004

import data.falaj.subject

wants := {"telemetry": "false"}

results := {urn: verdict |
	some urn, server in subject.of(rego.metadata.chain())
	right := {"telemetry" | subject.at(server.inputs, "telemetry") == false}
	verdict := subject.judge(server.inputs, wants, right)
}
