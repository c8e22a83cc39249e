# What AWS names look like.
package falaj.aws

import data.falaj.subject

# {partition, service, region, account, resource} of an ARN; undefined for what is none.
arn(text) := {"service": parts[2], "region": parts[3], "account": parts[4], "resource": concat(":", array.slice(parts, 5, count(parts)))} if {
	is_string(text)
	parts := split(text, ":")
	count(parts) > 5
	parts[0] == "arn"
}

# The statements of a policy document, given as JSON text or as a map; undefined for what is neither.
statements(document) := listed(object.get(parsed(document), "Statement", [])) if is_object(parsed(document))

parsed(document) := document if {
	is_object(document)
	not subject.is_unknown(document)
}

parsed(document) := json.unmarshal(document) if {
	is_string(document)
	json.is_valid(document)
}

# A value that may stand alone or in a list, as a list.
listed(value) := value if is_array(value)

else := [] if value == null

else := [value]

# A key of one's own: an ARN of KMS in an allowed region. An alias of a service (`alias/aws/s3`) is AWS's key.
is_key(text) if {
	found := arn(text)
	found.service == "kms"
	found.region in input.params.regions.aws
	startswith(found.resource, "key/")
}

# Accounts that a resource's provider may work in, if it says so; a provider's own inputs are JSON texts, where they are
# not plain.
accounts(resource) := {id | some id in listed(json.unmarshal(said))} if {
	said := object.get(resource, ["provider", "allowedAccountIds"], [])
	is_string(said)
	json.is_valid(said)
} else := {id | some id in listed(object.get(resource, ["provider", "allowedAccountIds"], []))}

# {[kind, who]} of all that a statement is about.
principals(statement) := {["AWS", "*"]} if statement.Principal == "*"

else := {[kind, who] | some kind, value in statement.Principal; some who in listed(value)}

# The account of an AWS principal, given by its number or the name of somebody in it; undefined of what may be anybody.
account(who) := who if subject.matches(`^\d{12}$`, who)

account(who) := found.account if {
	found := arn(who)
	subject.matches(`^\d{12}$`, found.account)
	not contains(found.resource, "*")
}

is_service(who) if subject.matches(`^[a-z0-9.-]+\.amazonaws\.com$`, who)

# A name that says no more than what kind of thing it is.
wide(text) if {
	is_string(text)
	subject.matches(`^(arn:([^:]*:){0,3}|system:serviceaccount:|repo:)?[*?:/]+$`, text)
}

# Whether a statement's condition narrows it by a key of that pattern. Operators that also hold where there is no such key,
# and values that anything matches, narrow nothing.
narrowed(statement, pattern) if {
	some operator, conditions in statement.Condition
	subject.matches(`^(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like))$`, operator)
	some key, value in conditions
	is_string(key)
	subject.matches(pattern, lower(key))
	values := listed(value)
	count(values) > 0
	every text in values {
		subject.named(text)
		not wide(text)
	}
}
