package falaj_test.loc_006

import data.falaj.rules.loc_006
import data.falaj_test.cases

good := {"log_max_mib": 10, "log_backups": 3}

paths := {concat("", ["/", name]) | some name, _ in good}

result(inputs) := verdict if verdict := loc_006.results.u.result with input as cases.resource("falaj:local:Supervisor", inputs)

test_good if result(good) == "pass"

test_bad if {
	every bad in [
		{"log_max_mib": 0},
		{"log_max_mib": 1025},
		{"log_max_mib": "10"},
		{"log_backups": 0},
		{"log_backups": 101},
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
	count(loc_006.results) == 0 with input as cases.resource("falaj:local:Region", good)
}

test_boundary if {
	result({"log_max_mib": 1, "log_backups": 1}) == "pass"
	result({"log_max_mib": 1024, "log_backups": 100}) == "pass"
}
