# The one entry point. It hands over what every rule said; levels, unknowns and coverage are applied once, in
# policies/gate/decide.py.
package falaj.gate

decision := {"results": results, "errored": errored}

# {rule id: {subject: {result, message}}}; no subject means that the rule is about nothing in the document.
results[id] := rule.results if {
	some name, rule in data.falaj.rules
	id := upper(replace(name, "_", "-"))
}

# Rules of the catalogue that gave no result at all: a rule that lost its `results` is no rule that passed.
errored contains id if {
	some id, _ in data.falaj.catalogue
	not results[id]
}
