package falaj_test.rel_003

import data.falaj.rules.rel_003
import data.falaj_test.cases

good := cases.good_release

paths := {
	"/digest",
	"/signature/present",
	"/signature/verified",
	"/signature/method",
	"/signature/key",
}

result(values) := verdict if verdict := rel_003.results.release.result with input as cases.release(values, cases.good_params)

test_good if result(good) == "pass"

test_bad if {
	every bad in [
		["/digest", "sha256:abc"],
		["/digest", "md5:00"],
		["/digest", 1],
		["/signature/present", false],
		["/signature/verified", false],
		["/signature/verified", "true"],
		["/signature/method", " "],
		["/signature/method", 1],
		["/signature/key", "none"],
		["/signature", null],
		["/signature", "yes"],
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
	count(rel_003.results) == 0 with input as cases.resource("release", good)
}
