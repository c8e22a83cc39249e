# METADATA
# scope: package
# title: Logs are kept as long as they must be, and no longer
# custom:
#   id: LOG-003
#   severity: medium
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:cloudwatch/logGroup:LogGroup", "azure-native:operationalinsights:Workspace"]
#   on_unknown: defer
#   controls: [EU-AI-Act 26.6, UAE-ICT-HEALTH 20, UAE-IA M5.2.3, ISO-27001:2022 5.33, GDPR 5]
#   remediation: Set `retentionInDays` between `log_retention_days_min` and `log_retention_days_max` of the stack's policy; 0 keeps a log group for ever.
#   owner: platform
package falaj.rules.log_003

import data.falaj.subject

limit(name) := object.get(input, ["params", name], null)

least := limit("log_retention_days_min")

most := limit("log_retention_days_max")

wants := {"retentionInDays": sprintf("between %s and %s", [subject.shown(least), subject.shown(most)])}

# A number each: any number is less than a text, and more than null.
right(days) if {
	every number in [least, days, most] { is_number(number) }
	least <= days
	days <= most
}

verdict(store) := subject.judge(store.inputs, wants, kept) if {
	kept := {"retentionInDays" | right(subject.at(store.inputs, "retentionInDays"))}
}

results := {urn: verdict(store) | some urn, store in subject.of(rego.metadata.chain())}
