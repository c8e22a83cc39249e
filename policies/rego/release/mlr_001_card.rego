# METADATA
# scope: package
# title: The model's card says what it is for and who answers for it
# custom:
#   id: MLR-001
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [EU-AI-Act 11.1, EU-AI-Act 13.2, ISO-42001:2023 A.6.2.7, ISO-42001:2023 A.8.2, NIST-AI-RMF MEASURE 2.9]
#   remediation: Fill the card in the workload's spec, with owner, intended use, uses it must not have, limits, license.
#   owner: ml
package falaj.rules.mlr_001

import data.falaj.subject

parts := {"owner", "task", "target", "intended_use", "out_of_scope", "limits", "license"}

wants := {concat(".", ["card", part]): "a text that says it" | some part in parts}

holds(path, value) if {
	wants[path]
	subject.named(value)
}

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(path, subject.at(release, path))}
	verdict := subject.judge(release, wants, right)
}
