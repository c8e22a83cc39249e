package falaj_test.loc_005

import data.falaj.rules.loc_005
import data.falaj_test.cases
import data.falaj_test.harness

limits := {
	"decision": {"memory_mib"},
	"tracking": {"memory_mib"},
	"ray": {"cpus", "memory_gib", "object_store_gib"},
}

at(limit) := concat("/", ["/resources/server/inputs", limit])

bad(limit) := cases.wrong(at(limit), {sprintf("%s %s", [what, limit]): value |
	some what, value in {"no": 0, "negative": -1, "text for": "4"}
})

halves := {"cpus": 1.5, "memory_mib": 0.5}

half(limit) := cases.wrong(at(limit), {sprintf("half of %s", [limit]): value | value := halves[limit]})

fixtures := {name: fixture |
	some name, named in limits
	fixture := {
		"subject": "server",
		"good": {"resources": {"server": cases.servers[name]}},
		"paths": [at(limit) | some limit in named],
		"bad": object.union(
			cases.wrong("/resources/server/inputs", {"no inputs": {}, "null": null}),
			object.union_n([object.union(bad(limit), half(limit)) | some limit in named]),
		),
	}
}

test_good if harness.good("LOC-005", fixtures)

test_bad if harness.bad("LOC-005", fixtures)

test_absent if harness.absent("LOC-005", fixtures)

test_null if harness.null_("LOC-005", fixtures)

test_empty if harness.empty("LOC-005", fixtures)

test_unknown if harness.unknown("LOC-005", fixtures)

test_other_types_are_not_judged if {
	count(loc_005.results) == 0 with input as cases.resource("falaj:local:Region", {"memory_mib": 0})
}

test_secret if {
	every _, fixture in fixtures {
		every path in fixture.paths {
			harness.verdict("LOC-005", fixture, harness.set_to(fixture, path, cases.secret)) == "fail"
		}
	}
}
