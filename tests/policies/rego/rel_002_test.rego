package falaj_test.rel_002

import data.falaj.rules.rel_002
import data.falaj_test.cases

good := cases.good_release

paths := {
	"/fairness/sex/groups",
	"/fairness/sex/selection_rate_ratio",
	"/fairness/sex/equal_opportunity_difference",
}

result(values) := verdict if verdict := rel_002.results.release.result with input as cases.release(values, cases.good_params)

test_good if result(good) == "pass"

test_bad if {
	every bad in [
		["/fairness/sex/groups/female/n", 49],
		["/fairness/sex/groups/female/n", "450"],
		["/fairness/sex/groups/female/selection_rate", 0.2],
		["/fairness/sex/groups/female/selection_rate", null],
		["/fairness/sex/groups/female/selection_rate", 1.5],
		["/fairness/sex/groups/female/tpr", 0.5],
		["/fairness/sex/groups/female/tpr", null],
		["/fairness/sex/groups/female", null],
		["/fairness/sex/groups", {"female": {"n": 900, "selection_rate": 0.5, "tpr": 0.9}}],
		["/fairness/sex/selection_rate_ratio", 0.95],
		["/fairness/sex/equal_opportunity_difference", 0.01],
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
	result(cases.set_at(good, "/fairness/sex/selection_rate_ratio", cases.unknown)) == "indeterminate"
	result(cases.set_at(good, "/fairness/sex/equal_opportunity_difference", cases.unknown)) == "indeterminate"

	# What cannot be computed again is wrong, not open.
	result(cases.set_at(good, "/fairness/sex/groups", cases.unknown)) == "fail"
}

test_other_gates_are_not_judged if {
	count(rel_002.results) == 0 with input as cases.resource("release", good)
}

# A threshold that is missing or nonsense is no threshold that was met.
test_thresholds_missing if {
	every name in ["min_group", "min_selection_rate_ratio", "max_equal_opportunity_difference"] {
		every wrong in [null, "", "0.5", [], {}, cases.unknown] {
			params := cases.set_at(cases.good_params, concat("", ["/", name]), wrong)
			rel_002.results.release.result == "fail" with input as cases.release(good, params)
		}
		dropped := cases.drop(cases.good_params, concat("", ["/", name]))
		rel_002.results.release.result == "fail" with input as cases.release(good, dropped)
	}
	every params in [null, {}, []] {
		rel_002.results.release.result == "fail" with input as cases.release(good, params)
	}
}

test_every_attribute_needs_evidence if {
	every protected in [["sex", "race"], [], null, "sex", [1]] {
		params := cases.set_at(cases.good_params, "/protected", protected)
		rel_002.results.release.result == "fail" with input as cases.release(good, params)
	}
}

test_no_fairness_at_all if {
	every none in [null, "", [], {}] {
		result(cases.set_at(good, "/fairness", none)) == "fail"
	}
}

test_nobody_selected if {
	none := json.patch(good, [
		{"op": "add", "path": "/fairness/sex/groups/female/selection_rate", "value": 0},
		{"op": "add", "path": "/fairness/sex/groups/male/selection_rate", "value": 0},
	])
	result(none) == "fail"
}
