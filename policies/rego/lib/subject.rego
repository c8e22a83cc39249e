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
by_type := {kind: {urn: input.resources[urn] | some urn in urns} | some kind, urns in index.by_type}

# {type: the type as rules name it}
kinds := index.kinds

# What is where, sorted by who asks (policies/gate/index.py): over ten thousand resources that costs more in here than a
# rule. A question without it is sorted here.
index := input.index if {
	is_object(input.index)
} else := {"kinds": kinds_here, "by_type": by_type_here, "into": into_here}

kinds_here := {type: kind_of(type) | some type in {resource.type | some resource in input.resources}}

by_type_here := {kind: urns |
	some kind in {found | some found in kinds_here}
	urns := {urn |
		some urn, resource in input.resources
		kinds_here[resource.type] == kind
		object.get(input, ["operations", urn], "create") != "delete"
	}
	count(urns) > 0
}

into_here := {target: sources |
	some target in {urn | some resource in input.resources; some urns in resource.edges; some urn in urns}
	sources := {source | some path, at; input.resources[source].edges[path][at] == target}
}

# Whether the stack has anything of a cloud, such as `aws:`.
uses(cloud) if {
	some type, _ in by_type
	startswith(type, cloud)
}

# A type as rules name it: without the version of its module, and of two names of one thing the first.
kind_of(type) := regex.replace(unversioned, `^(aws:.+)V2:(.+)V2$`, "$1:$2") if {
	unversioned := regex.replace(type, `/v\d[a-z0-9]*:`, ":")
}

passed := {"result": "pass", "message": ""}

# One three-valued verdict. `wants` is {property path: what it must be, in words}, `right` the paths that are.
# Wrong beats unknown: what is not known yet cannot mend what is.
judge(values, wants, right) := passed if count(object.keys(wants) - right) == 0

else := {"result": "fail", "message": message} if {
	wrong := {path | some path, _ in wants; not path in right; not is_unknown(at(values, path))}
	count(wrong) > 0
	message := told(values, wants, wrong)
}

else := {"result": "indeterminate", "message": message} if {
	open := {path | some path, _ in wants; not path in right}
	message := told(values, wants, open)
}

# Of the verdicts on several things any one of which would do, the best; with none of them, that nothing is there.
best([], wants) := judge({}, wants, set())

best(verdicts, _) := [verdict | some result in ["pass", "indeterminate", "fail"]; some verdict in verdicts; verdict.result == result][0]

# Of the verdicts on several things all of which must be right, the worst.
worst(verdicts) := [verdict | some result in ["fail", "indeterminate", "pass"]; some verdict in verdicts; verdict.result == result][0]

told(values, wants, paths) := concat("; ", [text |
	some path in sort(paths)
	text := sprintf("%s is %s, must be %s", [path, shown(at(values, path)), wants[path]])
])

# The value at a path such as `spec.containers[0].image`, null when there is none. What lies in something unknown or secret
# is so too. A key that holds dots itself, as a label's does, is found by the whole of it.
at(values, path) := found if {
	found := object.get({"": values}, array.concat([""], split(path, ".")), "$none")
	found != "$none"
} else := found if {
	found := object.get({"": values}, ["", path], "$none")
	found != "$none"
} else := found if {
	contains(path, "[")
	found := object.get({"": values}, array.concat([""], indexed(path)), "$none")
	found != "$none"
} else := found if {
	some keys in ({split(path, ".")} | {indexed(path) | contains(path, "[")})
	found := outer(values, keys)
} else := null

# The keys of a path that counts into lists.
indexed(path) := [key |
	some part in split(replace(replace(path, "[", ".["), "]", ""), ".")
	key := as_index(part)
]

as_index(part) := to_number(trim_prefix(part, "[")) if regex.match(`^\[\d+$`, part)

else := part

outer(values, keys) := found if {
	some last in numbers.range(0, count(keys) - 1)
	found := object.get({"": values}, array.concat([""], array.slice(keys, 0, last)), null)
	found in {{"$unknown": true}, {"$secret": true}}
}

is_unknown(value) if walk(value, [_, {"$unknown": true}])

# How a message shows a value: never a secret's text (it is not in the document), never more than a line.
shown(value) := "not known yet" if value == {"$unknown": true}

else := "a secret, which no rule can read" if value == {"$secret": true}

else := "a literal secret, which is not shown" if value == {"$literal_secret": true}

else := "absent" if value == null

# Not `value in` these: the OPA in Gatekeeper 3.23 panics at an object in a set that an argument is looked up in.
else := "empty" if {
	some nothing in ["", [], {}]
	value == nothing
}

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

# Whether a value is a text of that form; what is no text is not.
matches(pattern, value) if {
	is_string(value)
	regex.match(pattern, value)
}

is_digest(value) if matches(`^sha256:[0-9a-f]{64}$`, value)

# {`name[0]`: item, …} of a list; what is no list, or not known, is there by its name alone, for the rule to refuse.
items(name, list) := {sprintf("%s[%d]", [name, index]): item | some index, item in list} if is_array(list)

else := {} if list == null

else := {name: list}

# A range of addresses that is not a good part of the internet: valid, of eight fixed bits or more.
is_narrow(cidr) if {
	is_string(cidr)
	net.cidr_is_valid(cidr)
	to_number(split(cidr, "/")[1]) >= 8
}
