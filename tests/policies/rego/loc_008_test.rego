package falaj_test.loc_008

import data.falaj.rules.loc_008
import data.falaj_test.cases

ring := "urn::ring"

store := "urn::store"

plan(operations) := {
	"gate": "plan",
	"operations": operations,
	"resources": {
		ring: {"type": "falaj:local:KeyRing", "inputs": {}},
		store: {"type": "falaj:local:ObjectStore", "inputs": {}},
	},
}

result(document) := verdict if verdict := loc_008.results.plan.result with input as document

test_good if {
	every operation in ["create", "update", "same", "read", "import"] {
		result(plan({ring: operation, store: operation})) == "pass"
	}
	result(plan({ring: "delete", store: "delete"})) == "pass"
	result(plan({ring: "same", store: "delete"})) == "pass"
}

test_bad if {
	result(plan({ring: "delete", store: "same"})) == "fail"
	result(plan({ring: "replace", store: "update"})) == "fail"
}

test_absent if {
	result(plan({ring: "same"})) == "fail"
	result(cases.drop(plan({}), "/operations")) == "fail"
}

test_null if {
	result(plan(null)) == "fail"
	result(plan({ring: "same", store: null})) == "fail"
}

test_empty if result(plan({})) == "fail"

test_unknown if result(plan({ring: "same", store: cases.unknown})) == "fail"

test_other_gates_are_not_judged if {
	count(loc_008.results) == 0 with input as object.union(plan({}), {"gate": "stack"})
}
