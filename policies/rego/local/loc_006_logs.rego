# METADATA
# scope: package
# title: Logs are rotated before they fill the disk
# custom:
#   id: LOC-006
#   severity: medium
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [falaj:local:Supervisor]
#   on_unknown: deny
#   controls: [UAE-IA T3.6.2, ISO-27001:2022 8.15]
#   remediation: Set `log_max_mib` between 1 and 1024 and `log_backups` between 1 and 100.
#   owner: platform
package falaj.rules.loc_006

import data.falaj.subject

wants := {
	"log_max_mib": "between 1 and 1024",
	"log_backups": "between 1 and 100",
}

most := {"log_max_mib": 1024, "log_backups": 100}

within(number, least, greatest) if {
	is_number(number)
	number >= least
	number <= greatest
}

results := {urn: verdict |
	some urn, supervisor in subject.of(rego.metadata.chain())
	right := {path | some path, greatest in most; within(subject.at(supervisor.inputs, path), 1, greatest)}
	verdict := subject.judge(supervisor.inputs, wants, right)
}
