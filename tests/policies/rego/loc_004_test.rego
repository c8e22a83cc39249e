package falaj_test.loc_004

import data.falaj.rules.loc_004
import data.falaj_test.cases

good := {"telemetry": false}

paths := {concat("", ["/", name]) | some name, _ in good}

result(inputs) := verdict if verdict := loc_004.results.u.result with input as cases.resource("falaj:local:RayRuntime", inputs)

test_good if result(good) == "pass"

test_bad if {
	every bad in [
		{"telemetry": true},
		{"telemetry": "false"},
		{"telemetry": 0},
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
	count(loc_004.results) == 0 with input as cases.resource("falaj:local:Region", good)
}

test_every_type if {
	every kind in ["falaj:local:DecisionServer", "falaj:local:TrackingServer", "falaj:local:RayRuntime"] {
		loc_004.results.u.result == "pass" with input as cases.resource(kind, good)
	}
}
