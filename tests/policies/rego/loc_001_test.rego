package falaj_test.loc_001

import data.falaj.rules.loc_001
import data.falaj_test.cases
import data.falaj_test.harness

bad := cases.wrong("/resources/server/inputs/bind", {
	"all addresses": "0.0.0.0",
	"all addresses of version 6": "::",
	"an address of the network": "10.0.0.1",
	"by name": "localhost",
	"by a name that begins alike": "127.0.0.1.evil.example",
	"no address": "127.0.0.256",
	"with a space before it": " 127.0.0.1",
	"with a line after it": "127.0.0.1\n",
	"in a list": ["127.0.0.1"],
	"number": 2130706433,
	"secret": cases.secret,
})

fixtures := {name: fixture |
	some name, server in cases.servers
	fixture := {
		"subject": "server",
		"good": {"resources": {"server": server}},
		"paths": ["/resources/server/inputs/bind"],
		"bad": object.union(bad, cases.wrong("/resources/server/inputs", {"no inputs": {}, "null": null})),
	}
}

test_good if harness.good("LOC-001", fixtures)

test_bad if harness.bad("LOC-001", fixtures)

test_absent if harness.absent("LOC-001", fixtures)

test_null if harness.null_("LOC-001", fixtures)

test_empty if harness.empty("LOC-001", fixtures)

test_unknown if harness.unknown("LOC-001", fixtures)

test_other_types_are_not_judged if {
	count(loc_001.results) == 0 with input as cases.resource("falaj:local:Region", {"bind": "0.0.0.0"})
}

test_every_type if {
	{server.type | some server in cases.servers} == {
		"falaj:local:DecisionServer",
		"falaj:local:TrackingServer",
		"falaj:local:RayRuntime",
	}
}

test_boundary if {
	every address in ["127.0.0.0", "127.255.255.255", "::1"] {
		loc_001.results.u.result == "pass" with input as cases.resource("falaj:local:RayRuntime", {"bind": address})
	}
}

test_message_has_both_values if {
	loc_001.results.u.message == `bind is "0.0.0.0", must be a loopback address such as 127.0.0.1` with input as cases.resource(
		"falaj:local:RayRuntime",
		{"bind": "0.0.0.0"},
	)
}

test_what_is_deleted_need_not_comply if {
	document := object.union(
		cases.resource("falaj:local:RayRuntime", {"bind": "0.0.0.0"}),
		{"operations": {"u": "delete"}},
	)
	count(loc_001.results) == 0 with input as document
}
