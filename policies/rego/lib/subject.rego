# What rules judge, and how: a rule names what it wants of each property and which properties are right; whatever is
# not right, absent and null and empty included, is wrong.
package falaj.subject

# The subjects of the rule whose `rego.metadata.chain()` is given: resources of the types its metadata names (those
# about to be deleted need not comply any more), and `release` at the release gate even when there is none.
of(chain) := {name: subject |
	some link in chain
	some kind in link.annotations.custom.applies_to
	some name, subject in of_kind(kind)
}

of_kind("release") := {"release": object.get(input, "release", null)} if input.gate == "release"

else := {}

of_kind("plan") := {"plan": input} if input.gate == "plan"

else := {}

of_kind(kind) := {urn: resource |
	some urn, resource in input.resources
	resource.type == kind
	object.get(input, ["operations", urn], "create") != "delete"
} if {
	not kind in {"release", "plan"}
}

# One three-valued verdict. `wants` is {property path: what it must be, in words}, `right` the paths that are.
# Wrong beats unknown: what is not known yet cannot mend what is.
judge(values, wants, right) := {"result": "fail", "message": message} if {
	wrong := {path | some path, _ in wants; not path in right; not is_unknown(at(values, path))}
	count(wrong) > 0
	message := told(values, wants, wrong)
}

else := {"result": "indeterminate", "message": message} if {
	open := {path | some path, _ in wants; not path in right}
	count(open) > 0
	message := told(values, wants, open)
}

else := {"result": "pass", "message": ""}

told(values, wants, paths) := concat("; ", [text |
	some path in sort(paths)
	text := sprintf("%s is %s, must be %s", [path, shown(at(values, path)), wants[path]])
])

# The value at a dotted path, null when there is none.
at(values, path) := object.get(values, split(path, "."), null) if is_object(values)

else := null

is_unknown(value) if walk(value, [_, {"$unknown": true}])

# How a message shows a value: never a secret's text (it is not in the document), never more than a line.
shown(value) := "not known yet" if value == {"$unknown": true}

else := "a secret, which no rule can read" if value == {"$secret": true}

else := "absent" if value == null

else := "empty" if value in {"", [], {}}

else := substring(json.marshal(value), 0, 120)

is_digest(value) if {
	is_string(value)
	regex.match(`^sha256:[0-9a-f]{64}$`, value)
}
