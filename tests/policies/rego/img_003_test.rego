package falaj_test.img_003

import data.falaj_test.harness

pod := {
	"type": "kubernetes:core/v1:Pod",
	"inputs": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "app"}, "spec": {"containers": [{
		"name": "app",
		"image": "123456789012.dkr.ecr.me-central-1.amazonaws.com/app:1",
	}]}},
}

verifier(version, kind, spec) := {"resources": {
	"pod": pod,
	"verifier": {
		"type": sprintf("kubernetes:%s:%s", [version, kind]),
		"inputs": {"apiVersion": version, "kind": kind, "metadata": {"name": "signed"}, "spec": spec},
	},
}}

keys := {"entries": [{"keys": {"publicKeys": "-----BEGIN PUBLIC KEY-----"}}]}

check := {
	"imageReferences": ["123456789012.dkr.ecr.me-central-1.amazonaws.com/*"],
	"failureAction": "Enforce",
	"attestors": [keys],
}

at(path) := concat("/", ["/resources/verifier/inputs/spec", path])

gone := [{"op": "remove", "path": "/resources/verifier"}]

set_to(path, value) := [{"op": "replace", "path": at(path), "value": value}]

fixtures := {
	"Kyverno": {
		"subject": "stack",
		"good": verifier("kyverno.io/v1", "ClusterPolicy", {"rules": [{
			"name": "signed",
			"match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
			"verifyImages": [check],
		}]}),
		"paths": [
			"/resources/verifier/inputs/spec",
			at("rules"),
			at("rules/0"),
			at("rules/0/verifyImages"),
			at("rules/0/verifyImages/0/failureAction"),
			at("rules/0/verifyImages/0/imageReferences"),
			at("rules/0/verifyImages/0/attestors"),
			at("rules/0/verifyImages/0/attestors/0"),
		],
		"bad": {
			"no verifier": gone,
			"told of only": set_to("rules/0/verifyImages/0/failureAction", "Audit"),
			"other images": set_to("rules/0/verifyImages/0/imageReferences", ["ghcr.io/*"]),
			"any signer": set_to("rules/0/verifyImages/0/attestors", []),
			"no registries": [{"op": "add", "path": "/params", "value": {"registries": []}}],
		},
	},
	"Kyverno's older way, in a namespace": {
		"subject": "stack",
		"good": verifier("kyverno.io/v1", "Policy", {
			"validationFailureAction": "Enforce",
			"rules": [{"name": "signed", "verifyImages": [object.union(object.remove(check, ["failureAction"]), {"imageReferences": ["*"]})]}],
		}),
		"paths": [at("validationFailureAction"), at("rules/0/verifyImages/0")],
		"bad": {"told of only": set_to("validationFailureAction", "Audit")},
	},
	"Kyverno's kind of its own": {
		"subject": "stack",
		"good": verifier("policies.kyverno.io/v1", "ImageValidatingPolicy", {
			"validationActions": ["Deny"],
			"matchImageReferences": [{"glob": "123456789012.dkr.ecr.me-central-1.amazonaws.com/*"}],
			"attestors": [{"name": "release", "cosign": {"key": {"data": "-----BEGIN PUBLIC KEY-----"}}}],
			"validations": [{"expression": "images.containers.map(image, verifyImageSignatures(image, [attestors.release])).all(e, e > 0)"}],
		}),
		"paths": [at("validationActions"), at("matchImageReferences"), at("matchImageReferences/0/glob"), at("attestors")],
		"bad": {"told of only": set_to("validationActions", ["Audit"])},
	},
	"Ratify": {
		"subject": "stack",
		"good": verifier("constraints.gatekeeper.sh/v1beta1", "RatifyVerification", {
			"enforcementAction": "deny",
			"match": {"kinds": [{"apiGroups": [""], "kinds": ["Pod"]}]},
		}),
		"paths": [at("enforcementAction")],
		"bad": {"a dry run": set_to("enforcementAction", "dryrun")},
		# Gatekeeper denies unless it is told otherwise.
		"expect": {
			"absent": {at("enforcementAction"): "pass"},
			"null": {at("enforcementAction"): "pass"},
		},
	},
	"sigstore": {
		"subject": "stack",
		"good": verifier("policy.sigstore.dev/v1beta1", "ClusterImagePolicy", {
			"mode": "enforce",
			"images": [{"glob": "**"}],
			"authorities": [{"key": {"data": "-----BEGIN PUBLIC KEY-----"}}],
		}),
		"paths": [at("mode"), at("images"), at("images/0/glob"), at("authorities")],
		"bad": {
			"warned of only": set_to("mode", "warn"),
			"no images": set_to("images", []),
		},
		# The controller enforces unless it is told otherwise.
		"expect": {
			"absent": {at("mode"): "pass"},
			"null": {at("mode"): "pass"},
		},
	},
}

test_a_stack_without_pods_needs_none if {
	harness.verdict("IMG-003", {"subject": "stack"}, {"resources": {}}) == "nothing"
}

test_good if harness.good("IMG-003", fixtures)

test_bad if harness.bad("IMG-003", fixtures)

test_absent if harness.absent("IMG-003", fixtures)

test_null if harness.null_("IMG-003", fixtures)

test_empty if harness.empty("IMG-003", fixtures)

test_unknown if harness.unknown("IMG-003", fixtures)
