# The one entry point. It hands over what every rule said; levels, waivers, unknowns and coverage are applied once, in
# policies/gate/decide.py.
package falaj.gate

import data.falaj.subject

decision := {"rules": rules, "errored": errored}

# {rule id: {judged: how many subjects, open: {subject: {result, message}} of those that did not pass}}:
# whatever is of another shape than the one way to pass is open, and then refused by whoever reads it.
rules[id] := {"judged": count(results), "open": open} if {
	some id, _ in data.falaj.catalogue
	asked(id)
	results := data.falaj.rules[lower(replace(id, "-", "_"))].results
	open := {name: verdict | some name, verdict in results; verdict != subject.passed}
}

# Rules of the catalogue that gave no result at all: a rule that lost its `results` is no rule that passed.
errored contains id if {
	some id, _ in data.falaj.catalogue
	asked(id)
	not rules[id]
}

# One resource alone cannot answer for what stands beside it.
asked(_) if input.gate != "resource"

asked(id) if not data.falaj.catalogue[id].needs == "stack"
