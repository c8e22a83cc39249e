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
