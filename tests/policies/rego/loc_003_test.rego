package falaj_test.loc_003

import data.falaj.rules.loc_003
import data.falaj_test.cases

good := {"encryption": "AES-256-GCM", "key_ring": "/s/keys/key_ring.json"}

paths := {concat("", ["/", name]) | some name, _ in good}

result(inputs) := verdict if verdict := loc_003.results.u.result with input as cases.resource("falaj:local:ObjectStore", inputs)

test_good if result(good) == "pass"

test_bad if {
	every bad in [
		{"encryption": "none"},
		{"encryption": "AES-256-CBC"},
		{"encryption": "aes-256-gcm"},
		{"key_ring": "keys"},
		{"key_ring": 1},
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
	count(loc_003.results) == 0 with input as cases.resource("falaj:local:Region", good)
}

test_wrong_beats_unknown if result({"encryption": "none", "key_ring": cases.unknown}) == "fail"
