# METADATA
# scope: package
# title: Everybody in the training data has consented, or nobody is in it
# custom:
#   id: MLR-004
#   severity: critical
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [UAE-PDPL 4, UAE-PDPL 6, GDPR 5]
#   remediation: Train again on the rows that consent covers; the ledger's snapshot says which. Data about nobody says so, and why.
#   owner: privacy
package falaj.rules.mlr_004

import data.falaj.subject
import data.falaj.time_

# Data about nobody needs a reason; data about persons a ledger's snapshot that covers every row.
wants(release) := {"consent.reason": "why the data is about nobody"} if subject.at(release, "consent.persons") == false

else := {
	"consent.persons": "true or false",
	"consent.purpose": "the purpose consent was given for",
	"consent.snapshot": "the digest of the ledger's snapshot",
	"consent.at": "the instant of the snapshot, not after now",
	"consent.covered": "all of consent.rows, 1 or more",
}

holds(release, "consent.persons") if subject.at(release, "consent.persons") == true

holds(release, path) if {
	path in {"consent.reason", "consent.purpose"}
	subject.named(subject.at(release, path))
}

holds(release, "consent.snapshot") if subject.is_digest(subject.at(release, "consent.snapshot"))

holds(release, "consent.at") if time_.of(subject.at(release, "consent.at")) <= time_.now + time_.skew

holds(release, "consent.covered") if {
	is_number(subject.at(release, "consent.covered"))
	release.consent.covered >= 1
	release.consent.covered == subject.at(release, "consent.rows")
}

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	wanted := wants(release)
	right := {path | some path, _ in wanted; holds(release, path)}
	verdict := subject.judge(release, wanted, right)
}
