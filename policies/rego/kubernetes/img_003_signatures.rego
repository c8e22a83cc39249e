# METADATA
# scope: package
# title: Only signed images run
# custom:
#   id: IMG-003
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [stack]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T7.3.3, UAE-IA T7.8.5, ISO-27001:2022 5.21]
#   remediation: Add a Kyverno ClusterPolicy with `verifyImages` (its `imageReferences`, `attestors` and `failureAction` Enforce), an ImageValidatingPolicy that denies, a Ratify constraint with `enforcementAction` deny or a sigstore ClusterImagePolicy with `authorities` and `mode` enforce.
#   owner: platform
package falaj.rules.img_003

import data.falaj.pod
import data.falaj.subject

wants := {
	"verifier.action": "Enforce, Deny or what its kind calls it",
	"verifier.images": sprintf("patterns of all images from %s", [subject.shown(registries)]),
	"verifier.signers": "the keys or identities that may sign",
}

registries := object.get(input, ["params", "registries"], null)

# What each kind of verifier does, with which images, and whom it believes.
verifiers contains {"action": action, "images": subject.at(entry, "imageReferences"), "signers": subject.at(entry, "attestors")} if {
	some type in ["kubernetes:kyverno.io:ClusterPolicy", "kubernetes:kyverno.io:Policy"]
	some _, policy in subject.by_type[type]
	some _, rule in subject.items("rules", subject.at(policy.inputs, "spec.rules"))
	some _, entry in subject.items("verifyImages", subject.at(rule, "verifyImages"))
	action := first_of([subject.at(entry, "failureAction"), subject.at(policy.inputs, "spec.validationFailureAction")])
}

verifiers contains {
	"action": denies(subject.at(policy.inputs, "spec.validationActions")),
	"images": globs(subject.at(policy.inputs, "spec.matchImageReferences")),
	"signers": subject.at(policy.inputs, "spec.attestors"),
} if {
	some _, policy in subject.by_type["kubernetes:policies.kyverno.io:ImageValidatingPolicy"]
}

# The constraint's template names Ratify, which knows the signers and judges every image. Gatekeeper denies by default.
verifiers contains {
	"action": first_of([subject.at(constraint.inputs, "spec.enforcementAction"), "deny"]),
	"images": ["*"],
	"signers": [{"store": "Ratify"}],
} if {
	some _, constraint in subject.by_type["kubernetes:constraints.gatekeeper.sh:RatifyVerification"]
}

# The controller enforces by default.
verifiers contains {
	"action": first_of([subject.at(policy.inputs, "spec.mode"), "enforce"]),
	"images": globs(subject.at(policy.inputs, "spec.images")),
	"signers": subject.at(policy.inputs, "spec.authorities"),
} if {
	some _, policy in subject.by_type["kubernetes:policy.sigstore.dev:ClusterImagePolicy"]
}

first_of(values) := subject.first([value | some value in values; value != null])

denies(actions) := "Deny" if "Deny" in actions

else := actions

globs(entries) := [entry.glob | some entry in entries] if is_array(entries)

else := entries

holds("verifier.action", verifier) if verifier.action in {"Enforce", "Deny", "deny", "enforce"}

holds("verifier.images", verifier) if {
	count(registries) > 0
	every host in registries {
		some pattern in verifier.images
		is_string(pattern)
		glob.match(pattern, null, sprintf("%s/any", [host]))
	}
}

holds("verifier.signers", verifier) if {
	some signer in verifier.signers
	is_object(signer)
	count(signer) > 0
	signer != {"$unknown": true}
}

# Without pods there is nothing to sign for.
results := {name: verdict |
	some name, _ in subject.of(rego.metadata.chain())
	some type in pod.types
	count(object.get(subject.by_type, type, {})) > 0
	verdicts := [subject.judge({"verifier": verifier}, wants, right) |
		some verifier in verifiers
		right := {path | some path, _ in wants; holds(path, verifier)}
	]
	verdict := subject.best(verdicts, wants)
}
