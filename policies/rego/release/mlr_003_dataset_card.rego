# METADATA
# scope: package
# title: The data has a card with source, license and what of it is about persons
# custom:
#   id: MLR-003
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [EU-AI-Act 10.3, ISO-42001:2023 A.7.3, ISO-42001:2023 A.7.5, NIST-AI-RMF MAP 4.1]
#   remediation: Publish the data's card with the model; it comes from the table's schema.
#   owner: ml
package falaj.rules.mlr_003

import data.falaj.subject

kinds := {"none", "direct", "indirect", "special"}

wants := {
	"dataset.digest": "the digest of the data the card is about, data.digest",
	"dataset.source": "where the data is from",
	"dataset.license": "under which license",
	"dataset.pii": sprintf("{column: one of %s} of every column", [concat(", ", kinds)]),
}

holds(release, "dataset.digest") if {
	subject.is_digest(subject.at(release, "dataset.digest"))
	release.dataset.digest == subject.at(release, "data.digest")
}

holds(release, path) if {
	path in {"dataset.source", "dataset.license"}
	subject.named(subject.at(release, path))
}

holds(release, "dataset.pii") if {
	is_object(subject.at(release, "dataset.pii"))
	count(release.dataset.pii) > 0
	every column, kind in release.dataset.pii {
		column != ""
		is_string(kind)
		kind in kinds
	}
}

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(release, path)}
	verdict := subject.judge(release, wants, right)
}
