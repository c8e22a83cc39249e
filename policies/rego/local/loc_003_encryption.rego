# METADATA
# scope: package
# title: Every store is sealed with a key ring
# custom:
#   id: LOC-003
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [falaj:local:ObjectStore]
#   on_unknown: defer
#   controls: [UAE-PDPL 20, UAE-IA T7.4.1, ISO-27001:2022 8.24, GDPR 32]
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

results := {urn: verdict |
	some urn, store in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(path, subject.at(store.inputs, path))}
	verdict := subject.judge(store.inputs, wants, right)
}
