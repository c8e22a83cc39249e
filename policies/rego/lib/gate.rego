# The one entry point. It hands over what every rule said; levels, waivers, unknowns and coverage are applied once, in
# policies/gate/decide.py.
package falaj.gate

decision := {"rules": rules, "errored": errored}

# {rule id: {judged: how many subjects, open: {subject: {result, message}} of those that did not pass}}.
rules[id] := {"judged": count(results), "open": open} if {
	some name
	results := data.falaj.rules[name].results
	id := upper(replace(name, "_", "-"))
	asked(id)
	open := {subject: verdict | some subject, verdict in results; verdict != passed}
}

# The one way to pass: whatever is of another shape is open, and then refused by whoever reads it.
passed := {"result": "pass", "message": ""}

# Rules of the catalogue that gave no result at all: a rule that lost its `results` is no rule that passed.
errored contains id if {
	some id, _ in data.falaj.catalogue
	asked(id)
	not rules[id]
}

# One resource alone cannot answer for what stands beside it.
asked(_) if input.gate != "resource"

asked(id) if not data.falaj.catalogue[id].needs == "stack"
