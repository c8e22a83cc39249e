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
	"max_regression": 0.005,
	"max_slice_gap": 0.1,
	"max_calibration_error": 0.02,
	"max_robustness_drop": 0.05,
	"max_p95_ms": 50,
	"approvals_min": 2,
	"approval_hours_max": 24,
	"hosts": [".me-central-1.amazonaws.com", ".svc.cluster.local", ".svc"],
	"backends": ["s3", "azblob", "file"],
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
		"intervals": {
			"selection_rate_ratio": {"low": 0.85, "high": 0.95},
			"equal_opportunity_difference": {"low": 0.02, "high": 0.09},
		},
	}},
	"champion": {"digest": other, "metric": "accuracy", "rows": 900, "value": 0.002, "low": -0.004, "high": 0.008},
	"slices": {
		"metric": "accuracy",
		"overall": 0.825,
		"greater_is_better": true,
		"slices": {"under 30": {"n": 300, "value": 0.78}, "30 and over": {"n": 600, "value": 0.84}},
		"suppressed": [],
	},
	"calibration": {"rows": 900, "error": 0.01, "slope": 0.98, "intercept": 0.01},
	"robustness": {
		"metric": "accuracy",
		"clean": 0.825,
		"cases": {
			"missing AGEP": {"value": 0.8, "drop": 0.025, "moved": 0.05},
			"noise": {"value": 0.825, "drop": 0, "moved": 0.001},
		},
		"worst": "missing AGEP",
		"worst_drop": 0.025,
	},
	"latency": {"model": digest, "requests": 500, "failed": 0, "concurrency": 8, "p50_ms": 8, "p95_ms": 20, "p99_ms": 31},
	"lineage": {"run": digest, "features": digest, "sources": ["source:nannyml==0.13.1"]},
	"consent": {
		"persons": true,
		"purpose": "training",
		"snapshot": digest,
		"at": "2026-11-20T00:00:00+00:00",
		"rows": 1000,
		"covered": 1000,
	},
	"residency": {
		"jurisdiction": "uae",
		"data": "file:///s/store",
		"model": "https://models.me-central-1.amazonaws.com/m",
		"endpoint": "http://127.0.0.1:8000/employment/predict",
	},
	"card": {
		"owner": "ml@example.ae",
		"task": "classification",
		"target": "employed",
		"intended_use": "shows how a release works",
		"out_of_scope": "decisions about people",
		"limits": "one state's people of 2015",
		"license": "apache-2.0",
	},
	"dataset": {"digest": digest, "source": "US Census ACS", "license": "public", "pii": {"AGEP": "indirect", "SEX": "special"}},
	"rollback": {"to": other, "verified": true},
	"monitor": {"profile": digest, "owner": "ml@example.ae", "alerts": ["https://alerts.svc/hook"]},
}

other := "sha256:ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

release := {
	"gate": "release",
	"release": good_release,
	"params": good_params,
	"approvals": [approval("one@example.ae"), approval("two@example.ae")],
}

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
