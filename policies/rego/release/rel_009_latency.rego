# METADATA
# scope: package
# title: The model answers in time, measured where it is served
# custom:
#   id: REL-009
#   severity: medium
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [EU-AI-Act 15.1, NIST-AI-RMF MEASURE 2.5]
#   remediation: Serve this very model and measure it (falaj release request --measure); more replicas or a smaller model make it faster.
#   owner: ml
package falaj.rules.rel_009

import data.falaj.subject

least := 100

wants := {
	"latency.model": "the digest of this model",
	"latency.requests": sprintf("%d or more", [least]),
	"latency.failed": "0",
	"latency.p95_ms": sprintf("max_p95_ms %s or less", [subject.shown(subject.at(input.params, "max_p95_ms"))]),
}

holds(release, "latency.model") if {
	subject.is_digest(subject.at(release, "latency.model"))
	release.latency.model == subject.at(release, "digest")
}

holds(release, "latency.requests") if {
	requests := subject.at(release, "latency.requests")
	is_number(requests)
	requests >= least
}

holds(release, "latency.failed") if subject.at(release, "latency.failed") == 0

holds(release, "latency.p95_ms") if {
	most := subject.at(input.params, "max_p95_ms")
	is_number(most)
	took := subject.at(release, "latency.p95_ms")
	is_number(took)
	took > 0
	took <= most
}

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(release, path)}
	verdict := subject.judge(release, wants, right)
}
