# METADATA
# scope: package
# title: Every store is sealed with a key ring
# custom:
#   id: LOC-003
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [falaj:local:ObjectStore]
#   on_unknown: defer
#   controls:
#     - {framework: "UAE-PDPL", reference: "20", status: verified, source: "uaepdpl.com, article titles of Federal Decree-Law 45/2021"}
#     - {framework: "UAE-IA", reference: "T7.4.1", status: verified, source: "NESA UAE Information Assurance Standards, Annex C"}
#     - {framework: "ISO-27001:2022", reference: "8.24", status: verified, source: "ciso-assistant library iso27001-2022.yaml, Annex A"}
#     - {framework: "GDPR", reference: "32", status: verified, source: "ciso-assistant library gdpr.yaml"}
#   remediation: Set `encryption` to AES-256-GCM and give the store a key ring.
#   owner: platform
package falaj.rules.loc_003

import data.falaj.subject

wants := {
	"encryption": "AES-256-GCM",
	"key_ring": "the path of a key ring",
}

holds("encryption", "AES-256-GCM")

holds("key_ring", path) if {
	is_string(path)
	startswith(path, "/")
}

results[urn] := subject.judge(store.inputs, wants, right) if {
	some urn, store in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(path, subject.at(store.inputs, path))}
}
