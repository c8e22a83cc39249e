package falaj_test.rel_001

import data.falaj.rules.rel_001
import data.falaj_test.cases

good := cases.good_release

paths := {
	"/evaluation/rows",
	"/evaluation/accuracy_low",
	"/evaluation/auc",
}

result(values) := verdict if verdict := rel_001.results.release.result with input as cases.release(values, cases.good_params)

test_good if result(good) == "pass"

test_bad if {
	every bad in [
		["/evaluation/accuracy_low", 0.7999],
		["/evaluation/accuracy_low", 1.01],
		["/evaluation/accuracy_low", "0.9"],
		["/evaluation/auc", 0.5],
		["/evaluation/rows", 0],
		["/evaluation/rows", "900"],
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
	count(rel_001.results) == 0 with input as cases.resource("release", good)
}

# A threshold that is missing or nonsense is no threshold that was met.
test_thresholds_missing if {
	every name in ["min_accuracy", "min_auc"] {
		every wrong in [null, "", "0.5", [], {}, cases.unknown] {
			params := cases.set_at(cases.good_params, concat("", ["/", name]), wrong)
			rel_001.results.release.result == "fail" with input as cases.release(good, params)
		}
		dropped := cases.drop(cases.good_params, concat("", ["/", name]))
		rel_001.results.release.result == "fail" with input as cases.release(good, dropped)
	}
	every params in [null, {}, []] {
		rel_001.results.release.result == "fail" with input as cases.release(good, params)
	}
}

test_boundary if result(cases.set_at(good, "/evaluation/accuracy_low", 0.8)) == "pass"
