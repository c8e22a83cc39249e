# METADATA
# scope: package
# title: The model is the one that was signed
# custom:
#   id: REL-003
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls:
#     - {framework: "EU-AI-Act", reference: "15.5", status: verified, source: "ciso-assistant library ai-act.yaml"}
#     - {framework: "UAE-IA", reference: "T7.3.3", status: verified, source: "NESA UAE Information Assurance Standards, Annex C"}
#     - {framework: "ISO-27001:2022", reference: "5.21", status: verified, source: "ciso-assistant library iso27001-2022.yaml, Annex A"}
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

results[name] := subject.judge(release, wants, right) if {
	some name, release in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(path, subject.at(release, path))}
}
