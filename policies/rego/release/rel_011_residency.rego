# METADATA
# scope: package
# title: Data, model and endpoint are where the stack's data may be
# custom:
#   id: REL-011
#   severity: critical
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [UAE-PDPL 22, ISO-42001:2023 A.4.3, ISO-42001:2023 A.7.5]
#   remediation: Keep the store and the endpoint in the stack's jurisdiction, on hosts that its policy allows.
#   owner: platform
package falaj.rules.rel_011

import data.falaj.place
import data.falaj.subject

wants := {
	"residency.jurisdiction": "the stack's jurisdiction",
	"residency.data": "a path of this machine, or a URI in an allowed place",
	"residency.model": "a path of this machine, or a URI in an allowed place",
	"residency.endpoint": "a URL of an allowed host",
}

holds("residency.jurisdiction", value) if {
	subject.named(value)
	value == subject.at(input.stack, "jurisdiction")
}

# This machine is in the jurisdiction only where the stack keeps its state here, too.
holds(path, value) if {
	path in {"residency.data", "residency.model"}
	"file" in subject.at(input.params, "backends")
	subject.matches(`^file:///[^/]`, value)
}

holds(path, value) if {
	path in {"residency.data", "residency.model"}
	place.scheme(value) != "file"
	place.uri(value)
}

holds("residency.endpoint", value) if {
	place.scheme(value) in {"http", "https"}
	place.host(value)
}

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(path, subject.at(release, path))}
	verdict := subject.judge(release, wants, right)
}
