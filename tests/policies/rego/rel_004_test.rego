package falaj_test.rel_004

import data.falaj.rules.rel_004
import data.falaj_test.cases

good := cases.good_release

paths := {
	"/data/digest",
	"/code/digest",
	"/environment/digest",
	"/data/source",
	"/data/rows_train",
	"/data/rows_test",
	"/data/test",
}

result(values) := verdict if verdict := rel_004.results.release.result with input as cases.release(values, cases.good_params)

test_good if result(good) == "pass"

test_bad if {
	every bad in [
		["/data/digest", "latest"],
		["/code/digest", "abc"],
		["/environment/digest", 1],
		["/data/source", " "],
		["/data/source", 1],
		["/data/rows_train", 0],
		["/data/rows_test", "900"],
		["/data/test", "2015"],
		["/data/train", ""],
		["/data", null],
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
	count(rel_004.results) == 0 with input as cases.resource("release", good)
}
