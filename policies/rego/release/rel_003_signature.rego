# METADATA
# scope: package
# title: The model is the one that was signed
# custom:
#   id: REL-003
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [EU-AI-Act 15.5, UAE-IA T7.3.3, ISO-27001:2022 5.21]
#   remediation: Sign the registry entry and verify it again; a model whose signature does not hold is not released.
#   owner: ml
package falaj.rules.rel_003

import data.falaj.subject

wants := {
	"digest": "sha256: and 64 hexadecimal digits",
	"signature.present": "true",
	"signature.verified": "true",
	"signature.method": "the name of the method",
	"signature.key": "sha256: and 64 hexadecimal digits",
}

holds(path, value) if {
	path in {"digest", "signature.key"}
	subject.is_digest(value)
}

holds(path, true) if path in {"signature.present", "signature.verified"}

holds("signature.method", value) if {
	is_string(value)
	trim_space(value) != ""
}

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(path, subject.at(release, path))}
	verdict := subject.judge(release, wants, right)
}
