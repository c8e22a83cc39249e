# METADATA
# scope: package
# title: The model is watched, and somebody hears of its alarms
# custom:
#   id: MLR-011
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [EU-AI-Act 72.1, NIST-AI-RMF MANAGE 4.1, ISO-42001:2023 A.6.2.6]
#   remediation: Put the reference profile into the model's entry and name who hears of its drift, and where, in the workload's spec.
#   owner: ml
package falaj.rules.mlr_011

import data.falaj.subject

wants := {
	"monitor.profile": "the digest of the reference profile in the model's entry",
	"monitor.owner": "who answers for its alarms",
	"monitor.alerts": "a list of one or more places that alarms go to",
}

holds("monitor.profile", value) if subject.is_digest(value)

holds("monitor.owner", value) if subject.named(value)

holds("monitor.alerts", value) if {
	is_array(value)
	count(value) > 0
	every place in value {
		subject.named(place)
	}
}

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(path, subject.at(release, path))}
	verdict := subject.judge(release, wants, right)
}
