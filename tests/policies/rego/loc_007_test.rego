package falaj_test.loc_007

import data.falaj.rules.loc_007
import data.falaj_test.cases

good := {"path": "/s/store", "key_ring": "/s/keys/key_ring.json"}

paths := {concat("", ["/", name]) | some name, _ in good}

result(inputs) := verdict if verdict := loc_007.results.u.result with input as cases.resource("falaj:local:ObjectStore", inputs)

test_good if result(good) == "pass"

test_bad if {
	every bad in [
		{"key_ring": "/s/store/key_ring.json"},
		{"path": "/s/store/", "key_ring": "/s/store/key_ring.json"},
		{"key_ring": "/s/store/../store/key_ring.json"},
		{"path": "store"},
		{"path": "/s/../s/store"},
		{"key_ring": "key_ring.json"},
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
	count(loc_007.results) == 0 with input as cases.resource("falaj:local:Region", good)
}

test_a_name_that_only_begins_alike if result({"path": "/s/store", "key_ring": "/s/store-keys.json"}) == "pass"
