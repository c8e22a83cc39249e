# What rules judge, and how: a rule names what it wants of each property and which properties are right; whatever is
# not right, absent and null and empty included, is wrong.
package falaj.subject

# The subjects of the rule whose `rego.metadata.chain()` is given: resources of the types its metadata names, the module's
# version left out (`kubernetes:apps:Deployment`), `aws:*` for all of a provider; those about to be deleted need not comply
# any more. Besides them `release` and `plan` at their gates, even when there is none, `stack` wherever all of a stack is
# asked about, and each of the waivers.
of(chain) := {name: subject |
	some link in chain
	some kind in link.annotations.custom.applies_to
	some name, subject in of_kind(kind)
}

whole := {"stack", "plan", "review", "tenant"}

of_kind("release") := {"release": object.get(input, "release", null)} if input.gate == "release"

else := {}

of_kind("plan") := {"plan": input} if input.gate in {"plan", "review"}

else := {}

of_kind("stack") := {"stack": object.get(input, "stack", null)} if input.gate in whole

else := {}

of_kind("waiver") := {concat(":", ["waiver", waiver.id]): waiver |
	some waiver in object.get(input, "waivers", [])
}

of_kind(kind) := object.get(by_type, kind, {}) if {
	not kind in {"release", "plan", "stack", "waiver"}
	not endswith(kind, "*")
}

of_kind(kind) := object.union_n([resources |
	some found, resources in by_type
	startswith(found, trim_suffix(kind, "*"))
]) if {
	endswith(kind, "*")
}

# {type: {urn: resource}} of what is there after the operation.
by_type[kinds[resource.type]][urn] := resource if {
	some urn, resource in input.resources
	object.get(input, ["operations", urn], "create") != "delete"
}

# A type as rules name it: without the version of its module, and of two names of one thing the first.
kinds[type] := kind if {
	some type in {resource.type | some resource in input.resources}
	unversioned := regex.replace(type, `/v\d[a-z0-9]*:`, ":")
	kind := regex.replace(unversioned, `^(aws:.+)V2:(.+)V2$`, "$1:$2")
}

# One three-valued verdict. `wants` is {property path: what it must be, in words}, `right` the paths that are.
# Wrong beats unknown: what is not known yet cannot mend what is.
judge(values, wants, right) := {"result": "pass", "message": ""} if count(object.keys(wants) - right) == 0

else := {"result": "fail", "message": message} if {
	wrong := {path | some path, _ in wants; not path in right; not is_unknown(at(values, path))}
	count(wrong) > 0
	message := told(values, wants, wrong)
}

else := {"result": "indeterminate", "message": message} if {
	open := {path | some path, _ in wants; not path in right}
	message := told(values, wants, open)
}

told(values, wants, paths) := concat("; ", [text |
	some path in sort(paths)
	text := sprintf("%s is %s, must be %s", [path, shown(at(values, path)), wants[path]])
])

# The value at a dotted path, null when there is none. What lies in something unknown or secret is so too.
at(values, path) := found if {
	found := object.get(values, split(path, "."), "$none")
	found != "$none"
} else := outer if {
	keys := split(path, ".")
	some last in numbers.range(0, count(keys) - 1)
	outer := object.get({"": values}, array.concat([""], array.slice(keys, 0, last)), null)
	outer in {{"$unknown": true}, {"$secret": true}}
} else := null

is_unknown(value) if walk(value, [_, {"$unknown": true}])

# How a message shows a value: never a secret's text (it is not in the document), never more than a line.
shown(value) := "not known yet" if value == {"$unknown": true}

else := "a secret, which no rule can read" if value == {"$secret": true}

else := "absent" if value == null

else := "empty" if value in {"", [], {}}

else := substring(json.marshal(value), 0, 120)

# The first of a list, what is known of one that is not known yet, null of anything else.
first(list) := list[0] if {
	is_array(list)
	count(list) > 0
} else := list if {
	list == {"$unknown": true}
} else := null

# A text that says something.
named(value) if {
	is_string(value)
	trim_space(value) != ""
}

is_digest(value) if {
	is_string(value)
	regex.match(`^sha256:[0-9a-f]{64}$`, value)
}
