# What the six cases of every rule are made with: good, bad, absent, null, empty, unknown.
package falaj_test.cases

unknown := {"$unknown": true}

secret := {"$secret": true}

empties := ["", [], {}]

resource(kind, inputs) := {"gate": "resource", "resources": {"u": {"type": kind, "inputs": inputs}}}

release(evidence, params) := {"gate": "release", "resources": {}, "release": evidence, "params": params}

set_at(values, path, value) := json.patch(values, [{"op": "add", "path": path, "value": value}])

drop(values, path) := json.remove(values, [path])

# A release as the workload hands it over, and its thresholds.
digest := "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

good_params := {
	"min_accuracy": 0.8,
	"min_auc": 0.85,
	"protected": ["sex"],
	"min_group": 50,
	"max_equal_opportunity_difference": 0.1,
	"min_selection_rate_ratio": 0.8,
	"rationale": "the four-fifths heuristic, for screening only",
}

good_release := {
	"workload": "employment",
	"model": "employment",
	"digest": digest,
	"signature": {"present": true, "verified": true, "method": "model-signing/key", "key": digest},
	"data": {
		"digest": digest,
		"train": "2015",
		"test": "2016",
		"rows_train": 1000,
		"rows_test": 900,
		"source": "nannyml 0.13.1 (US Census ACS)",
	},
	"code": {"digest": digest},
	"environment": {"digest": digest},
	"evaluation": {"rows": 900, "accuracy": 0.825, "accuracy_low": 0.82, "accuracy_high": 0.83, "auc": 0.9},
	"fairness": {"sex": {
		"groups": {
			"female": {"n": 450, "selection_rate": 0.45, "tpr": 0.85, "fpr": 0.1, "accuracy": 0.82},
			"male": {"n": 450, "selection_rate": 0.5, "tpr": 0.9, "fpr": 0.1, "accuracy": 0.83},
		},
		"selection_rate_ratio": 0.9,
		"equal_opportunity_difference": 0.05,
	}},
}
