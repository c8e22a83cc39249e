# METADATA
# scope: package
# title: Keys are rotated, and wait before they are gone for good
# custom:
#   id: ENC-004
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:kms/key:Key", "aws:kms/externalKey:ExternalKey", "azure-native:keyvault:Key", "azure-native:keyvault:Vault", "azure-native:keyvault:ManagedHsm"]
#   on_unknown: defer
#   controls: [UAE-IA T7.4.2, ISO-27001:2022 8.24]
#   remediation: Set `enableKeyRotation`, `rotationPeriodInDays` and `deletionWindowInDays` of a KMS key; a `rotationPolicy` with a `rotate` action of a Key Vault key; `enablePurgeProtection` and `softDeleteRetentionInDays` of a vault.
#   owner: platform
package falaj.rules.enc_004

import data.falaj.subject

most := object.get(input, ["params", "key_rotation_days_max"], null)

least := object.get(input, ["params", "key_deletion_days_min"], null)

wait := sprintf("at least %s", [subject.shown(least)])

rotated := {"enableKeyRotation": "true", "rotationPeriodInDays": sprintf("at most %s", [subject.shown(most)])}

often(days) if {
	is_number(days)
	days > 0
	days <= most
	is_number(most)
}

long(days) if {
	is_number(days)
	is_number(least)
	days >= least
}

# KMS rotates symmetric keys of its own making only.
wants(key) := {"deletionWindowInDays": wait} if unrotatable(key)

else := object.union(rotated, {"deletionWindowInDays": wait})

unrotatable(key) if endswith(key.type, ":ExternalKey")

unrotatable(key) if subject.matches(`^(RSA|ECC|HMAC|ML_DSA)_`, subject.at(key.inputs, "customerMasterKeySpec"))

holds("enableKeyRotation", true)

# A period that is left out stays what it was.
holds("rotationPeriodInDays", days) if often(days)

holds("deletionWindowInDays", days) if long(days)

# KMS waits 30 days where nothing is said.
holds("deletionWindowInDays", null) if long(30)

holds("properties.enablePurgeProtection", true)

# Azure deletes softly where nothing is said, and has no other way for a managed HSM.
holds("properties.enableSoftDelete", value) if value in {true, null}

holds("properties.softDeleteRetentionInDays", days) if long(days)

holds("properties.rotationPolicy", policy) if {
	some action in policy.lifetimeActions
	subject.matches(`^(?i)rotate$`, action.action.type)
	often(interval(action.trigger, policy))
}

# Days from a key's making to its rotation.
interval(trigger, policy) := found if found := days(trigger.timeAfterCreate)

else := days(policy.attributes.expiryTime) - days(trigger.timeBeforeExpiry)

# Of a duration such as `P90D` or `P1Y6M`; a twelfth of a year for a month.
days(text) := sum(parts) if {
	subject.matches(`^P(\d{1,4}[YMWD])+$`, text)
	parts := [part |
		some [_, number, unit] in regex.find_all_string_submatch_n(`(\d+)([YMWD])`, text, -1)
		part := to_number(number) * length[unit]
	]
}

length := {"Y": 365, "M": 365 / 12, "W": 7, "D": 1}

vault := {
	"properties.enableSoftDelete": "true",
	"properties.enablePurgeProtection": "true",
	"properties.softDeleteRetentionInDays": wait,
}

rotating := {"properties.rotationPolicy": sprintf("one with a rotate action at most %s days after the key is made", [subject.shown(most)])}

judged(resource) := wants(resource) if startswith(resource.type, "aws:")

else := rotating if endswith(resource.type, ":Key")

else := vault

results := {urn: verdict |
	some urn, resource in subject.of(rego.metadata.chain())
	wanted := judged(resource)
	right := {path | some path, _ in wanted; holds(path, subject.at(resource.inputs, path))}
	verdict := subject.judge(resource.inputs, wanted, right)
}
