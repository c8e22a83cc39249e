package falaj_test.rel_002

import data.falaj.rules.rel_002
import data.falaj_test.cases
import data.falaj_test.harness

sex := "/release/fairness/sex"

female := concat("/", [sex, "groups/female"])

thresholds := ["/params/min_group", "/params/min_selection_rate_ratio", "/params/max_equal_opportunity_difference"]

uncomputable := [
	concat("/", [sex, "groups"]),
	female,
	concat("/", [female, "selection_rate"]),
	concat("/", [female, "tpr"]),
]

fixtures := {"release": {
	"subject": "release",
	"good": cases.release,
	"paths": array.concat(array.concat(uncomputable, thresholds), [
		"/release",
		"/release/fairness",
		sex,
		concat("/", [sex, "selection_rate_ratio"]),
		concat("/", [sex, "equal_opportunity_difference"]),
		concat("/", [female, "n"]),
		"/params",
		"/params/protected",
	]),
	"bad": object.union_n([
		cases.wrong(concat("/", [female, "n"]), {"too few of them": 49, "number as text": "450"}),
		cases.wrong(concat("/", [female, "selection_rate"]), {
			"rarely selected": 0.2,
			"no selection rate": null,
			"selection rate above 1": 1.5,
		}),
		cases.wrong(concat("/", [female, "tpr"]), {"rarely found": 0.5, "no tpr": null}),
		cases.wrong(female, {"nothing about a group": null}),
		cases.wrong(concat("/", [sex, "groups"]), {"one group": {"female": {"n": 900, "selection_rate": 0.5, "tpr": 0.9}}}),
		cases.wrong(concat("/", [sex, "selection_rate_ratio"]), {"another ratio than the groups'": 0.95}),
		cases.wrong(concat("/", [sex, "equal_opportunity_difference"]), {"another difference than the groups'": 0.01}),
		cases.wrong("/release", {"empty release": {}}),
		cases.wrong("/params/protected", {
			"an attribute without evidence": ["sex", "race"],
			"nothing protected": [],
			"protected not set": null,
			"protected as text": "sex",
			"protected by number": [1],
		}),
		{sprintf("text for %s", [path]): [{"op": "replace", "path": path, "value": "0.5"}] | some path in thresholds},
		{"nobody selected": [
			{"op": "replace", "path": concat("/", [female, "selection_rate"]), "value": 0},
			{"op": "replace", "path": concat("/", [sex, "groups/male/selection_rate"]), "value": 0},
		]},
	]),
	# What cannot be computed again is wrong, not open; so is what no known threshold was met by.
	"expect": {"unknown": {path: "fail" |
		some path in array.concat(array.concat(uncomputable, thresholds), ["/params", "/params/protected"])
	}},
}}

test_good if harness.good("REL-002", fixtures)

test_bad if harness.bad("REL-002", fixtures)

test_absent if harness.absent("REL-002", fixtures)

test_null if harness.null_("REL-002", fixtures)

test_empty if harness.empty("REL-002", fixtures)

test_unknown if harness.unknown("REL-002", fixtures)

test_other_gates_are_not_judged if {
	count(rel_002.results) == 0 with input as cases.resource("release", cases.good_release)
}

test_rows_of_nobody_need_no_groups if {
	rel_002.results.release.result == "pass" with input as cases.regression
	every said in [true, null, "false", 0, {"$unknown": true}] {
		changed := json.patch(cases.regression, [{"op": "replace", "path": "/release/data/persons", "value": said}])
		rel_002.results.release.result == "fail" with input as changed
	}
	rel_002.results.release.result == "fail" with input as json.remove(cases.regression, ["/release/data/persons"])
}
