package falaj_test.loc_001

import data.falaj.rules.loc_001
import data.falaj_test.cases

good := {"bind": "127.0.0.1"}

paths := {concat("", ["/", name]) | some name, _ in good}

result(inputs) := verdict if verdict := loc_001.results.u.result with input as cases.resource("falaj:local:RayRuntime", inputs)

test_good if result(good) == "pass"

test_bad if {
	every bad in [
		{"bind": "0.0.0.0"},
		{"bind": "::"},
		{"bind": "10.0.0.1"},
		{"bind": "localhost"},
		{"bind": "127.0.0.1.evil.example"},
		{"bind": "127.0.0.256"},
		{"bind": " 127.0.0.1"},
		{"bind": "127.0.0.1\n"},
		{"bind": ["127.0.0.1"]},
		{"bind": 2130706433},
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
	count(loc_001.results) == 0 with input as cases.resource("falaj:local:Region", good)
}

test_every_type if {
	every kind in ["falaj:local:DecisionServer", "falaj:local:TrackingServer", "falaj:local:RayRuntime"] {
		loc_001.results.u.result == "pass" with input as cases.resource(kind, good)
	}
}

test_boundary if {
	every address in ["127.0.0.0", "127.255.255.255", "::1"] {
		result({"bind": address}) == "pass"
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
