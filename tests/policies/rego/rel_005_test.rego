package falaj_test.rel_005

import data.falaj.rules.rel_005
import data.falaj_test.cases

good := cases.good_params

paths := {
	"/min_accuracy",
	"/min_auc",
	"/min_selection_rate_ratio",
	"/max_equal_opportunity_difference",
	"/protected",
	"/min_group",
	"/rationale",
}

result(values) := verdict if verdict := rel_005.results.release.result with input as cases.release(cases.good_release, values)

test_good if result(good) == "pass"

test_bad if {
	every bad in [
		["/min_accuracy", 1.1],
		["/min_accuracy", -0.1],
		["/min_auc", "0.8"],
		["/protected", [""]],
		["/protected", "sex"],
		["/protected", [1]],
		["/min_group", 0],
		["/min_group", 1.5],
		["/rationale", " "],
		["/rationale", 1],
	] {
		result(cases.set_at(good, bad[0], bad[1])) == "fail"
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

test_other_gates_are_not_judged if {
	count(rel_005.results) == 0 with input as cases.resource("release", good)
}
