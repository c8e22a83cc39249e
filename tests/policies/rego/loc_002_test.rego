package falaj_test.loc_002

import data.falaj.rules.loc_002
import data.falaj_test.cases
import data.falaj_test.harness

bad := cases.wrong("/resources/server/inputs/auth", {
	"a server that asks nobody": "none",
	"another case": "Token",
	"true": true,
	"list": ["token"],
	"secret": cases.secret,
})

fixtures := {name: fixture |
	some name in ["decision", "ray"]
	fixture := {
		"subject": "server",
		"good": {"resources": {"server": cases.servers[name]}},
		"paths": ["/resources/server/inputs/auth"],
		"bad": object.union(bad, cases.wrong("/resources/server/inputs", {"no inputs": {}, "null": null})),
	}
}

test_good if harness.good("LOC-002", fixtures)

test_bad if harness.bad("LOC-002", fixtures)

test_absent if harness.absent("LOC-002", fixtures)

test_null if harness.null_("LOC-002", fixtures)

test_empty if harness.empty("LOC-002", fixtures)

test_unknown if harness.unknown("LOC-002", fixtures)

test_other_types_are_not_judged if {
	count(loc_002.results) == 0 with input as cases.resource("falaj:local:Region", {"auth": "none"})
}
