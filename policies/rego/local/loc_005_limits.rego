# METADATA
# scope: package
# title: Everything that runs has its limits
# custom:
#   id: LOC-005
#   severity: medium
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [falaj:local:DecisionServer, falaj:local:TrackingServer, falaj:local:RayRuntime]
#   on_unknown: deny
#   controls: [UAE-IA T3.3.1, ISO-27001:2022 8.6]
#   remediation: Set each limit to a positive number that this machine has.
#   owner: platform
package falaj.rules.loc_005

import data.falaj.subject

server := {"memory_mib": "a whole number of MiB, 1 or more"}

wants := {
	"falaj:local:DecisionServer": server,
	"falaj:local:TrackingServer": server,
	"falaj:local:RayRuntime": {
		"cpus": "a whole number, 1 or more",
		"memory_gib": "more than 0 GiB",
		"object_store_gib": "more than 0 GiB",
	},
}

positive(limit) if {
	is_number(limit)
	limit > 0
}

holds(path, limit) if {
	path in {"memory_mib", "cpus"}
	positive(limit)
	floor(limit) == limit
}

holds(path, limit) if {
	path in {"memory_gib", "object_store_gib"}
	positive(limit)
}

results := {urn: verdict |
	some urn, resource in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants[resource.type]; holds(path, subject.at(resource.inputs, path))}
	verdict := subject.judge(resource.inputs, wants[resource.type], right)
}
