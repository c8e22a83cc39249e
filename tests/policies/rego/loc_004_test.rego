package falaj_test.loc_004

import data.falaj.rules.loc_004
import data.falaj_test.cases
import data.falaj_test.harness

bad := cases.wrong("/resources/server/inputs/telemetry", {
	"a server that reports": true,
	"number": 0,
	"secret": cases.secret,
	"text": "false",
})

fixtures := {name: fixture |
	some name, server in cases.servers
	fixture := {
		"subject": "server",
		"good": {"resources": {"server": server}},
		"paths": ["/resources/server/inputs/telemetry"],
		"bad": object.union(bad, cases.wrong("/resources/server/inputs", {"no inputs": {}, "null": null})),
	}
}

test_good if harness.good("LOC-004", fixtures)

test_bad if harness.bad("LOC-004", fixtures)

test_absent if harness.absent("LOC-004", fixtures)

test_null if harness.null_("LOC-004", fixtures)

test_empty if harness.empty("LOC-004", fixtures)

test_unknown if harness.unknown("LOC-004", fixtures)

test_other_types_are_not_judged if {
	count(loc_004.results) == 0 with input as cases.resource("falaj:local:Region", {"telemetry": true})
}

test_every_type if {
	{server.type | some server in cases.servers} == {
		"falaj:local:DecisionServer",
		"falaj:local:TrackingServer",
		"falaj:local:RayRuntime",
	}
}
