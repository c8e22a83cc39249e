package falaj_test.loc_003

import data.falaj.rules.loc_003
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"store": {
	"subject": "store",
	"good": {"resources": {"store": cases.store}},
	"paths": ["/resources/store/inputs/encryption", "/resources/store/inputs/key_ring"],
	"bad": object.union_n([
		cases.wrong("/resources/store/inputs/encryption", {
			"a store in the clear": "none",
			"another mode": "AES-256-CBC",
			"in small letters": "aes-256-gcm",
			"secret encryption": cases.secret,
		}),
		cases.wrong("/resources/store/inputs/key_ring", {
			"no path": "keys",
			"number": 1,
			"secret key ring": cases.secret,
		}),
		cases.wrong("/resources/store/inputs", {"no inputs": {}, "null": null}),
		{"wrong beats unknown": [
			{"op": "replace", "path": "/resources/store/inputs/encryption", "value": "none"},
			{"op": "replace", "path": "/resources/store/inputs/key_ring", "value": cases.unknown},
		]},
	]),
}}

test_good if harness.good("LOC-003", fixtures)

test_bad if harness.bad("LOC-003", fixtures)

test_absent if harness.absent("LOC-003", fixtures)

test_null if harness.null_("LOC-003", fixtures)

test_empty if harness.empty("LOC-003", fixtures)

test_unknown if harness.unknown("LOC-003", fixtures)

test_other_types_are_not_judged if {
	count(loc_003.results) == 0 with input as cases.resource("falaj:local:Region", {"encryption": "none"})
}
