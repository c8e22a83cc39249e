# METADATA
# scope: package
# title: No secret stands anywhere in plain text
# custom:
#   id: ENC-008
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:*", "azure-native:*", "kubernetes:*", "falaj:*"]
#   on_unknown: defer
#   controls: [UAE-IA T5.2.3, ISO-27001:2022 8.12, UAE-PDPL 20]
#   remediation: Take the value from `config.require_secret` or a secret store, or wrap it in `pulumi.Output.secret`; in a pod use `valueFrom.secretKeyRef` in place of `value`. Then change the secret, for it has been in the program.
#   owner: platform
package falaj.rules.enc_008

import data.falaj.subject

literal := {"$literal_secret": true}

want := "a secret (from the configuration or a store, not from the program)"

# What a Kubernetes Secret holds is one, whatever it looks like.
holders := {"data", "stringData"}

# Values that a secret may have here; one not known yet is not in the program.
sealed := {{"$secret": true}, {"$unknown": true}}

# {where: value} of what looks like a secret.
found(inputs) := {where(path): literal | walk(inputs, [path, literal])}

where(path) := trim_prefix(
	concat("", [sprintf(form, [key]) |
		some key in path
		form := {true: "[%d]", false: ".%s"}[is_number(key)]
	]),
	".",
)

# {where: value} of what a Secret holds.
held(resource) := object.union_n([entries(holder, subject.at(resource.inputs, holder)) | some holder in holders]) if {
	secret(resource)
} else := {}

secret(resource) if subject.kinds[resource.type] == "kubernetes:core:Secret"

entries(holder, values) := {concat(".", [holder, key]): hidden(value) | some key, value in values} if {
	is_object(values)
	not values in sealed
} else := {} if values == null

else := {holder: hidden(values)}

# No message may show what a Secret holds.
hidden(value) := value if value in (sealed | {null, ""})

else := literal

# The values again, where a path leads to them even if a key in it has dots.
facts(values) := object.union_n([json.patch({}, steps) |
	some path, value in values
	keys := split(path, ".")
	steps := array.concat(
		[{"op": "add", "path": array.slice(keys, 0, depth), "value": {}} | some depth in numbers.range(1, count(keys))],
		[{"op": "add", "path": keys, "value": value}],
	)
])

# Most resources are clean, and the text of one tells so at once.
clean(resource) if {
	is_object(resource.inputs)
	resource.inputs != {"$unknown": true}
	not contains(json.marshal(resource.inputs), "$literal_secret")
	not secret(resource)
}

verdict(resource) := subject.passed if clean(resource)

else := subject.judge(facts(values), wants, right) if {
	is_object(resource.inputs)
	resource.inputs != {"$unknown": true}
	values := object.union(found(resource.inputs), held(resource))
	wants := {path: want | some path, _ in values}
	right := {path | some path, value in values; value in sealed}
}

else := subject.judge(resource, {"inputs": "known"}, set())

# About every resource there is: a comprehension, which is twice as fast as a rule for each.
results := {urn: verdict(resource) | some urn, resource in subject.of(rego.metadata.chain())}
