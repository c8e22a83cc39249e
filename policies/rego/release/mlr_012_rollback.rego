# METADATA
# scope: package
# title: There is a verified model to go back to
# custom:
#   id: MLR-012
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [NIST-AI-RMF MANAGE 2.4, ISO-27001:2022 8.32]
#   remediation: Keep the model that is replaced, whole and verified; only the first model of a name has none to go back to.
#   owner: ml
package falaj.rules.mlr_012

import data.falaj.subject

# Nothing to go back to there is for the first model only: whose champion is none, or is the model itself.
alone(release) if {
	subject.at(release, "rollback.to") == "none"
	subject.at(release, "champion.digest") in {"none", subject.at(release, "digest")}
}

wants(release) := {"rollback.to": "a digest, or none for the first model"} if alone(release)

else := {
	"rollback.to": "the digest of another model (none for the first of a name only)",
	"rollback.verified": "true",
}

holds(release, "rollback.to") if alone(release)

holds(release, "rollback.to") if {
	to := subject.at(release, "rollback.to")
	subject.is_digest(to)
	to != subject.at(release, "digest")
}

holds(release, "rollback.verified") if subject.at(release, "rollback.verified") == true

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	wanted := wants(release)
	right := {path | some path, _ in wanted; holds(release, path)}
	verdict := subject.judge(release, wanted, right)
}
