# METADATA
# scope: package
# title: The model is traced from its sources through one run to its features
# custom:
#   id: REL-010
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [EU-AI-Act 12.1, ISO-42001:2023 A.7.5, NIST-AI-RMF MAP 4.1]
#   remediation: Let every step record what it read and made; `falaj lineage` shows where the line breaks.
#   owner: ml
package falaj.rules.rel_010

import data.falaj.subject

wants := {
	"lineage.run": "the digest of the run",
	"lineage.features": "the digest of the transform that is served with it",
	"lineage.sources": "a list of one or more sources that the lineage log leads back to",
}

holds(path, value) if {
	path in {"lineage.run", "lineage.features"}
	subject.is_digest(value)
}

holds("lineage.sources", value) if {
	is_array(value)
	count(value) > 0
	every source in value {
		subject.named(source)
	}
}

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(path, subject.at(release, path))}
	verdict := subject.judge(release, wants, right)
}
