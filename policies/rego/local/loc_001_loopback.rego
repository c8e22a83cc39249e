# METADATA
# scope: package
# title: Servers listen on loopback only
# custom:
#   id: LOC-001
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [falaj:local:DecisionServer, falaj:local:TrackingServer, falaj:local:RayRuntime]
#   on_unknown: deny
#   controls: [UAE-IA T4.5.1, ISO-27001:2022 8.20]
#   remediation: Set `bind` to 127.0.0.1; to reach it from elsewhere, use a tunnel that authenticates.
#   owner: platform
package falaj.rules.loc_001

import data.falaj.subject

wants := {"bind": "a loopback address such as 127.0.0.1"}

# Addresses only: what a name such as localhost resolves to is not ours to say.
loopback(address) if {
	is_string(address)
	regex.match(`^127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$`, address)
}

loopback("::1")

results := {urn: verdict |
	some urn, server in subject.of(rego.metadata.chain())
	right := {"bind" | loopback(subject.at(server.inputs, "bind"))}
	verdict := subject.judge(server.inputs, wants, right)
}
