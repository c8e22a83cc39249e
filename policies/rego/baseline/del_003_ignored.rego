# METADATA
# scope: package
# title: No change of a security property is ignored
# custom:
#   id: DEL-003
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:*", "azure-native:*", "kubernetes:*", "falaj:*"]
#   on_unknown: defer
#   controls: [ISO-27001:2022 8.9, UAE-IA T3.2.1]
#   remediation: Take the property out of `ignore_changes`; name the one inner property that something else changes, such as `scalingConfig.desiredSize`, and never `*`.
#   owner: platform
package falaj.rules.del_003

import data.falaj.subject

# Words that the names of security properties hold, in lower case: who reaches what, how it is kept, where, and whose it is.
words := {
	"acl", "annotations", "apiserveraccess", "auth", "cidr", "deletionprotection", "egress", "encrypt", "firewall",
	"forcedelete", "forcedestroy", "identity", "ingress", "kms", "keyvault", "labels", "location", "logging", "metadataoptions",
	"networkacls", "permission", "polic", "principal", "privilege", "public", "region", "retention", "rolearn", "rotation",
	"securit", "sourceranges", "ssl", "subnet", "tags", "taints", "tls", "trust", "versioning", "vpcconfig",
}

# Names that are all of it, and hold such properties whether or not they are there now.
whole := {"*", "metadata", "properties", "rules", "spec"}

secures(name) if {
	some word in words
	contains(plain(name), word)
}

plain(name) := lower(replace(name, "_", ""))

# The names in a path such as `tags["team"]`.
names(path) := [name | some name in regex.split(`[.\[\]"']+`, path); name != ""]

# Nothing in it, nor above it, is of security.
honest(path, inputs) if {
	subject.named(path)
	every name in names(path) {
		not secures(name)
		not plain(name) in (whole - {"metadata", "properties"})
	}
	not plain(path) in whole
	not holds_any(subject.at(inputs, path))
}

holds_any(value) if {
	walk(value, [keys, _])
	some key in keys
	is_string(key)
	secures(key)
}

# A list that is not there ignores nothing.
ignored(resource) := subject.items("ignore_changes", list) if {
	list := subject.at(resource, "options.ignore_changes")
	not list in {"", {}}
} else := {}

results := {urn: verdict(resource) | some urn, resource in subject.of(rego.metadata.chain())}

verdict(resource) := subject.passed if resource.options.ignore_changes == []

else := subject.judge(paths, wants, right) if {
	paths := ignored(resource)
	wants := {at: "a property that decides nothing about security" | some at, _ in paths}
	right := {at | some at, path in paths; honest(path, resource.inputs)}
}
