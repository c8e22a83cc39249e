# METADATA
# scope: package
# title: A tenant has its own keys, and who manages a key does not use it
# custom:
#   id: ENC-007
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:kms/key:Key"]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T3.2.4, ISO-27001:2022 5.3, ISO-27001:2022 8.24]
#   remediation: Give the key a `policy` that lets one role administer it (kms:Put*, kms:ScheduleKeyDeletion) and another use it (kms:Decrypt, kms:GenerateDataKey*), with nobody but the account's root in both; use a key only for resources with its own tag `tenant`.
#   owner: platform
package falaj.rules.enc_007

import data.falaj.aws
import data.falaj.graph
import data.falaj.subject

wants := {
	"policy": "statements by which nobody but the account's root may both administer and use the key",
	"tenants": "one: the tag `tenant` of the key and of all that uses it",
}

administration := {"kms:putkeypolicy", "kms:schedulekeydeletion", "kms:disablekey"}

use := {"kms:decrypt", "kms:encrypt", "kms:generatedatakey", "kms:reencryptfrom", "kms:sign"}

# What a statement allows any of the deeds to whom.
allowed(statements, deeds) := {principal |
	some statement in statements
	statement.Effect == "Allow"
	some pattern in aws.listed(statement.Action)
	is_string(pattern)
	regex.match(`^[\w:*?-]+$`, pattern)
	some deed in deeds
	glob.match(lower(pattern), null, deed)
	some principal in principals(statement)
}

principals(statement) := {"*"} if statement.Principal == "*"

else := {principal | some value in statement.Principal; some principal in aws.listed(value)}

# Everybody but some, everything but some, and anybody without a condition: more than a list of names can tell.
sweeping(statement) if {
	statement.Effect == "Allow"
	some key in {"NotAction", "NotPrincipal"}
	statement[key]
}

sweeping(statement) if {
	statement.Effect == "Allow"
	"*" in principals(statement)
	object.get(statement, "Condition", {}) == {}
}

split_up(policy) if {
	statements := aws.statements(policy)
	every statement in statements {
		not sweeping(statement)
	}
	administrators := allowed(statements, administration)
	users := allowed(statements, use)
	count(administrators) > 0
	count(users) > 0
	both := administrators & users
	count(both) < 2
	every principal in both {
		regex.match(`^arn:aws[a-z-]*:iam::\d{12}:root$`, principal)
	}
}

# The key's own policy, and those put on it from beside.
policies(urn, key) := array.concat(
	[policy | policy := subject.at(key.inputs, "policy"); policy != null],
	[subject.at(found.inputs, "policy") | some _, found in graph.pointing(urn, "aws:kms/keyPolicy:KeyPolicy", "keyId")],
)

# What names a key for all the account, takes no tags and holds nothing: the disks that come of it have tags of their own.
settings := {"aws:ebs/defaultKmsKey:DefaultKmsKey"}

# Whose the things are that use a key; its aliases, grants and policies are the key's own.
tenants(urn) := {tenant |
	some source in object.get(graph.into, urn, set())
	resource := input.resources[source]
	not startswith(resource.type, "aws:kms/")
	not resource.type in settings
	object.get(input, ["operations", source], "create") != "delete"
	some tenant in owners(resource, urn)
}

# Of what has no tags, such as a bucket's encryption configuration, those of what it belongs to.
owners(resource, key) := found if {
	subject.at(resource.inputs, "tags") == null
	found := {tenant |
		some targets in resource.edges
		some target in targets
		target != key
		tenant := tag(input.resources[target])
		tenant != null
	}
	count(found) > 0
} else := {tag(resource)}

tag(resource) := subject.at(resource.inputs, "metadata.labels.tenant") if startswith(resource.type, "kubernetes:")

else := subject.at(resource.inputs, "tags.tenant")

results := {urn: verdict |
	some urn, key in subject.by_type["aws:kms/key:Key"]
	stated := policies(urn, key)
	facts := {"policy": subject.first(stated), "tenants": sort(tenants(urn) | {tag(key)})}
	right := {"policy" | split_up(stated[0]); every policy in stated { split_up(policy) }} | {"tenants" | count(facts.tenants) == 1; subject.named(facts.tenants[0])}
	verdict := subject.judge(facts, wants, right)
}
