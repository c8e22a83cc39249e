package falaj_test.loc_007

import data.falaj.rules.loc_007
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"store": {
	"subject": "store",
	"good": {"resources": {"store": cases.store}},
	"paths": ["/resources/store/inputs/path", "/resources/store/inputs/key_ring"],
	"bad": object.union_n([
		cases.wrong("/resources/store/inputs/key_ring", {
			"a key in the store's folder": "/s/store/key_ring.json",
			"a key in the store's folder by a detour": "/s/store/../store/key_ring.json",
			"a key in the store's folder by a dot": "/s/./store/key_ring.json",
			"a key in the store's folder by two slashes": "/s//store/key_ring.json",
			"relative key": "key_ring.json",
			"secret key": cases.secret,
		}),
		cases.wrong("/resources/store/inputs/path", {
			"relative store": "store",
			"store by a detour": "/s/../s/store",
			"store that is above": "/s/store/..",
			"secret store": cases.secret,
		}),
		cases.wrong("/resources/store/inputs", {"no inputs": {}, "null": null}),
		{"key in a folder that ends in a slash": [
			{"op": "replace", "path": "/resources/store/inputs/path", "value": "/s/store/"},
			{"op": "replace", "path": "/resources/store/inputs/key_ring", "value": "/s/store/key_ring.json"},
		]},
	]),
}}

test_good if harness.good("LOC-007", fixtures)

test_bad if harness.bad("LOC-007", fixtures)

test_absent if harness.absent("LOC-007", fixtures)

test_null if harness.null_("LOC-007", fixtures)

test_empty if harness.empty("LOC-007", fixtures)

test_unknown if harness.unknown("LOC-007", fixtures)

test_other_types_are_not_judged if {
	count(loc_007.results) == 0 with input as cases.resource("falaj:local:Region", {"path": "store"})
}

test_a_name_that_only_begins_alike if {
	every store in ["/s/store", "/s/store/"] {
		inputs := {"path": store, "key_ring": "/s/store-keys.json"}
		loc_007.results.u.result == "pass" with input as cases.resource("falaj:local:ObjectStore", inputs)
	}
}
