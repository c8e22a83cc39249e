package falaj_test.loc_008

import data.falaj.rules.loc_008
import data.falaj_test.harness

plan(operations) := {
	"gate": "plan",
	"operations": operations,
	"resources": {
		"ring": {"type": "falaj:local:KeyRing", "inputs": {}},
		"store": {"type": "falaj:local:ObjectStore", "inputs": {}},
	},
}

paths := ["/operations", "/operations/ring", "/operations/store"]

# What is not known of operations is no operation.
unknown := {path: "fail" | some path in paths}

store_stays := {
	"ring deleted": [{"op": "replace", "path": "/operations", "value": {"ring": "delete", "store": "same"}}],
	"ring replaced": [{"op": "replace", "path": "/operations", "value": {"ring": "replace", "store": "update"}}],
	"no operation at all": [{"op": "replace", "path": "/operations", "value": {}}],
	"an operation nobody knows": [{"op": "replace", "path": "/operations/store", "value": "deleted"}],
}

fixtures := {name: fixture |
	some name, operations in {
		"both stay": {"ring": "same", "store": "same"},
		"both go": {"ring": "delete", "store": "delete"},
		"the store goes": {"ring": "same", "store": "delete"},
	}
	fixture := {
		"subject": "plan",
		"good": plan(operations),
		"paths": paths,
		"bad": store_stays,
		"expect": {"unknown": unknown},
	}
}

test_good if harness.good("LOC-008", fixtures)

test_bad if harness.bad("LOC-008", fixtures)

test_absent if harness.absent("LOC-008", fixtures)

test_null if harness.null_("LOC-008", fixtures)

test_empty if harness.empty("LOC-008", fixtures)

test_unknown if harness.unknown("LOC-008", fixtures)

test_whatever_else_is_done_to_both if {
	every operation in ["create", "update", "same", "read", "import"] {
		loc_008.results.plan.result == "pass" with input as plan({"ring": operation, "store": operation})
	}
}

test_a_plan_without_operations if {
	loc_008.results.plan.result == "fail" with input as json.remove(plan({}), ["/operations"])
}

test_other_gates_are_not_judged if {
	count(loc_008.results) == 0 with input as object.union(plan({}), {"gate": "stack"})
}
