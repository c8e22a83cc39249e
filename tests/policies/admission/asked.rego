# Every object of every carried rule's fixtures, right, wrong and mutated: what the gate says of it in its stack, what it
# says of it alone, and what the rule's template says.
package falaj_test.admission

import data.falaj_test.cases
import data.falaj_test.harness

asked := [answer |
	some rule, about in data.carried
	fixtures := data.falaj_test[rule].fixtures
	some name, fixture in fixtures
	some changed in changes(fixture)
	document := harness.document(changed.document)
	object := document.resources[fixture.subject]
	is_object(object.inputs)
	parts := regex.find_all_string_submatch_n(`^kubernetes:([^/]+)/([^:]+):(.+)$`, object.type, 1)[0]
	concat(":", ["kubernetes", parts[1], parts[3]]) in about.types
	answer := {
		"rule": rule,
		"case": sprintf("%s: %s", [name, changed.what]),
		"gate": verdict(rule, fixture.subject, document),
		"alone": verdict(rule, fixture.subject, alone(document, fixture.subject)),
		"admission": violations(rule, review(parts, object.inputs), document),
	}
]

changes(fixture) := array.concat(
	[{"what": "good", "document": fixture.good}],
	array.concat(
		[{"what": what, "document": harness.patched(fixture, patch)} | some what, patch in fixture.bad],
		array.concat(
			[{"what": sprintf("%s removed", [path]), "document": json.remove(fixture.good, [path])} | some path in fixture.paths],
			[{"what": sprintf("%s = %v", [path, value]), "document": harness.set_to(fixture, path, value)} |
				some path in fixture.paths
				some value in (harness.mutations(harness.at_pointer(fixture.good, path)) | {cases.unknown})
			],
		),
	),
)

# As the API server sees it: no other object, no edge and no provider.
alone(document, subject) := object.union(
	object.remove(document, ["resources"]),
	{"resources": {subject: object.remove(document.resources[subject], ["edges", "provider"])}},
)

verdict(rule, subject, document) := object.get(results, subject, "nothing") if {
	results := data.falaj.rules[rule].results with input as document
}

review(parts, inputs) := {
	"kind": {"group": object.get({"core": ""}, parts[1], parts[1]), "version": parts[2], "kind": parts[3]},
	"name": "it",
	"operation": "CREATE",
	"object": inputs,
}

violations(rule, request, document) := [one | some one in found] if {
	about := data.carried[rule]
	facts := {key: document.stack[key] | some key in about.stack}
	limits := {key: document.params[key] | some key in about.params}
	found := data.admission[rule].violation with input as {
		"review": request,
		"parameters": {"stack": facts, "params": limits, "trusted": []},
	}
}
