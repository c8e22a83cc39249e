# METADATA
# scope: package
# title: Nothing reports its use to its maker
# custom:
#   id: LOC-004
#   severity: high
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [falaj:local:DecisionServer, falaj:local:TrackingServer, falaj:local:RayRuntime]
#   on_unknown: deny
#   controls:
#     - {framework: "UAE-PDPL", reference: "22", status: verified, source: "uaepdpl.com, article titles of Federal Decree-Law 45/2021"}
#     - {framework: "UAE-IA", reference: "T7.6.4", status: verified, source: "NESA UAE Information Assurance Standards, Annex C"}
#     - {framework: "ISO-27001:2022", reference: "8.12", status: verified, source: "ciso-assistant library iso27001-2022.yaml, Annex A"}
#   remediation: Set `telemetry` to false.
#   owner: platform
package falaj.rules.loc_004

import data.falaj.subject

wants := {"telemetry": "false"}

results[urn] := subject.judge(server.inputs, wants, right) if {
	some urn, server in subject.of(rego.metadata.chain())
	right := {"telemetry" | subject.at(server.inputs, "telemetry") == false}
}
