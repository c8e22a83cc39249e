# What the six cases of every rule are made with: good, bad, absent, null, empty, unknown.
package falaj_test.cases

unknown := {"$unknown": true}

secret := {"$secret": true}

empties := ["", [], {}]

resource(kind, inputs) := {"gate": "resource", "resources": {"u": {"type": kind, "inputs": inputs}}}

# Mistakes with one property: {what is wrong: its JSON patch}.
wrong(path, values) := {what: [{"op": "replace", "path": path, "value": value}] | some what, value in values}

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

release := {"gate": "release", "release": good_release, "params": good_params}

# A model that answers with a number, of rows that are nobody's.
regression_params := {"min_r2": 0.1, "max_rmse": 50, "rationale": "what a mean of the season reaches, and a little more"}

good_regression := json.patch(json.remove(good_release, ["/fairness"]), [
	{"op": "add", "path": "/task", "value": "regression"},
	{"op": "add", "path": "/data/persons", "value": false},
	{"op": "replace", "path": "/evaluation", "value": {"rows": 900, "r2_low": 0.15, "rmse_high": 47}},
])

regression := {"gate": "release", "release": good_regression, "params": regression_params}

# What runs on the local target, right in every way.
server := {"supervisor": "/s/supervisor", "bind": "127.0.0.1", "telemetry": false}

servers := {
	"decision": {
		"type": "falaj:local:DecisionServer",
		"inputs": object.union(server, {
			"path": "/s/decision",
			"port": 38181,
			"auth": "token",
			"memory_mib": 256,
			"bundle": "/s/bundle",
			"bundle_digest": digest,
		}),
	},
	"tracking": {
		"type": "falaj:local:TrackingServer",
		"inputs": object.union(server, {"path": "/s/tracking", "port": 35000, "memory_mib": 1024}),
	},
	"ray": {
		"type": "falaj:local:RayRuntime",
		"inputs": object.union(server, {
			"path": "/s/ray",
			"port": 36379,
			"dashboard_port": 38265,
			"agent_port": 35265,
			"client_port": 31001,
			"serve_port": 38001,
			"auth": "token",
			"cpus": 1,
			"memory_gib": 0.5,
			"object_store_gib": 1,
		}),
	},
}

store := {
	"type": "falaj:local:ObjectStore",
	"inputs": {"path": "/s/store", "key_ring": "/s/keys/key_ring.json", "encryption": "AES-256-GCM"},
}

# What is known of a waiver that is right in every way.
waiver := {
	"id": "WAIVER-001",
	"policy": "NET-002",
	"urn": "urn:pulumi:uae-aws::falaj::aws:ec2/securityGroup:SecurityGroup::edge",
	"stack": "uae-aws",
	"ticket": "RISK-17",
	"risk_owner": "risk@example.ae",
	"requested_by": "author@example.ae",
	"inputs": [digest],
	"not_before": "2026-11-20T00:00:00+00:00",
	"expires": "2026-12-15T00:00:00+00:00",
	"reason": true,
	"compensating_control": true,
	"transfer": true,
	"severity": "critical",
	"waivable": true,
	"signed_by": [{"by": "risk@example.ae", "roles": ["risk-owner"]}, {"by": "security@example.ae", "roles": ["security"]}],
}

# A plan that two others have approved.
approval(by) := {
	"plan": digest,
	"stack": "uae-aws",
	"by": by,
	"roles": ["platform"],
	"at": "2026-11-25T06:00:00+00:00",
	"expires": "2026-11-26T06:00:00+00:00",
}

approved := {
	"gate": "plan",
	"plan": {"digest": digest},
	"approvals": [approval("one@example.ae"), approval("two@example.ae")],
}
