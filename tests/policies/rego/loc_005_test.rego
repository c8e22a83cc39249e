package falaj_test.loc_005

import data.falaj.rules.loc_005
import data.falaj_test.cases

good := {"cpus": 2, "memory_gib": 0.5, "object_store_gib": 1}

paths := {concat("", ["/", name]) | some name, _ in good}

result(inputs) := verdict if verdict := loc_005.results.u.result with input as cases.resource("falaj:local:RayRuntime", inputs)

test_good if result(good) == "pass"

test_bad if {
	every bad in [
		{"cpus": 0},
		{"cpus": 1.5},
		{"cpus": -1},
		{"cpus": "2"},
		{"memory_gib": 0},
		{"memory_gib": "4"},
		{"object_store_gib": -1},
	] {
		result(object.union(good, bad)) == "fail"
	}
}

test_absent if {
	every path in paths {
		result(cases.drop(good, path)) == "fail"
	}
	result({}) == "fail"
}

test_null if {
	every path in paths {
		result(cases.set_at(good, path, null)) == "fail"
	}
	result(null) == "fail"
}

test_empty if {
	every path in paths {
		every empty in cases.empties {
			result(cases.set_at(good, path, empty)) == "fail"
		}
	}
}

test_unknown if {
	every path in paths {
		result(cases.set_at(good, path, cases.unknown)) == "indeterminate"
	}
}

test_secret if {
	every path in paths {
		result(cases.set_at(good, path, cases.secret)) == "fail"
	}
}

test_other_types_are_not_judged if {
	count(loc_005.results) == 0 with input as cases.resource("falaj:local:Region", good)
}

server(inputs) := [verdict |
	some kind in ["falaj:local:DecisionServer", "falaj:local:TrackingServer"]
	verdict := loc_005.results.u.result with input as cases.resource(kind, inputs)
]

test_servers if {
	server({"memory_mib": 256}) == ["pass", "pass"]
	every bad in [{}, {"memory_mib": null}, {"memory_mib": 0}, {"memory_mib": 0.5}, {"memory_mib": ""}] {
		server(bad) == ["fail", "fail"]
	}
	server({"memory_mib": cases.unknown}) == ["indeterminate", "indeterminate"]
}
