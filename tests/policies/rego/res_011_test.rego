package falaj_test.res_011

import data.falaj_test.harness

set_(path, value) := [{"op": "replace", "path": path, "value": value}]

paths := ["/stack/data_class", "/stack/regimes", "/stack/lawful_basis"]

stack(class, regimes, basis) := {"stack": {"data_class": class, "regimes": regimes, "regime": regimes[count(regimes) - 1], "lawful_basis": basis}}

# What a fixture's stack leaves out comes from the harness's, which declares confidential data.
from_base := {"absent": {path: "pass" | some path in ["/stack/data_class", "/stack/lawful_basis"]}}

fixtures := {
	"confidential": {
		"subject": "stack",
		"good": stack("confidential", ["pdpl"], "contract"),
		"paths": array.concat(paths, ["/stack/regimes/0"]),
		"bad": {
			"no class of ours": set_("/stack/data_class", "secret"),
			"no regime": set_("/stack/regimes", []),
			"a regime without a name": set_("/stack/regimes", ["pdpl", " "]),
			"no basis": set_("/stack/lawful_basis", " "),
			"routed to none": set_("/stack/regime", ""),
		},
		"expect": {"absent": {path: "pass" | some path in paths}},
	},
	"health": {
		"subject": "stack",
		"good": stack("restricted", ["pdpl", "health"], "consent"),
		"paths": paths,
		"bad": {
			"a class too low": set_("/stack/data_class", "internal"),
			"a class much too low": set_("/stack/data_class", "public"),
			"no basis": set_("/stack/lawful_basis", ""),
		},
		"expect": from_base,
	},
	"bank": {
		"subject": "stack",
		"good": stack("confidential", ["bank"], "contract"),
		"paths": paths,
		"bad": {"a class too low": set_("/stack/data_class", "internal")},
		"expect": from_base,
	},
	"internal": {
		"subject": "stack",
		"good": stack("internal", ["gdpr"], ""),
		"paths": ["/stack/data_class", "/stack/regimes"],
		"bad": {"personal data without a basis": set_("/stack/data_class", "confidential")},
		# Whether a basis is needed is not known then; there is none.
		"expect": {"unknown": {"/stack/data_class": "fail"}},
	},
	"local": {
		"subject": "stack",
		"good": {"stack": {"jurisdiction": "local", "data_class": "public", "regimes": [], "lawful_basis": ""}},
		"paths": ["/stack/data_class", "/stack/jurisdiction"],
		"bad": {
			"personal data": set_("/stack/data_class", "confidential"),
			"elsewhere": set_("/stack/jurisdiction", "uae"),
			"no list": set_("/stack/regimes", ""),
		},
		# Where nobody said that it is here, a regime is needed.
		"expect": {"unknown": {"/stack/data_class": "fail", "/stack/jurisdiction": "fail"}},
	},
}

test_good if harness.good("RES-011", fixtures)

test_bad if harness.bad("RES-011", fixtures)

test_absent if harness.absent("RES-011", fixtures)

test_null if harness.null_("RES-011", fixtures)

test_empty if harness.empty("RES-011", fixtures)

test_unknown if harness.unknown("RES-011", fixtures)

test_what_is_left_out if {
	every path in paths {
		results := harness.results("RES-011") with input as json.remove(harness.base, [path])
		results.stack.result == "fail"
	}
}
