# METADATA
# scope: package
# title: The model is no worse than the one it replaces
# custom:
#   id: MLR-006
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [EU-AI-Act 15.1, EU-AI-Act 9.8, NIST-AI-RMF MEASURE 2.5, ISO-42001:2023 A.6.2.4]
#   remediation: Train a better model. max_regression is how much worse it may be, by the lower end of the interval of the difference.
#   owner: ml
package falaj.rules.mlr_006

import data.falaj.subject

# `none` is for a name without a champion; MLR-012 holds it against the rollback target.
first(release) if subject.at(release, "champion.digest") == "none"

digest := "the digest of the champion, or none"

wants(release) := {"champion.digest": digest} if first(release)

else := {
	"champion.digest": digest,
	"champion.rows": "1 or more rows, the same for both",
	"champion.metric": "the name of the metric",
	"champion.low": sprintf("no less than 0 less max_regression %s", [subject.shown(subject.at(input.params, "max_regression"))]),
}

holds(release, "champion.digest") if first(release)

holds(release, "champion.digest") if subject.is_digest(subject.at(release, "champion.digest"))

holds(release, "champion.rows") if {
	rows := subject.at(release, "champion.rows")
	is_number(rows)
	rows >= 1
}

holds(release, "champion.metric") if subject.named(subject.at(release, "champion.metric"))

holds(release, "champion.low") if {
	margin := subject.at(input.params, "max_regression")
	is_number(margin)
	margin >= 0
	low := subject.at(release, "champion.low")
	is_number(low)
	low >= 0 - margin
}

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	wanted := wants(release)
	right := {path | some path, _ in wanted; holds(release, path)}
	verdict := subject.judge(release, wanted, right)
}
