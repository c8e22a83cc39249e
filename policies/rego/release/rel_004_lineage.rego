# METADATA
# scope: package
# title: The model says what it was made from
# custom:
#   id: REL-004
#   severity: high
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [release]
#   on_unknown: deny
#   controls: [EU-AI-Act 10.3, ISO-42001:2023 A.7.5, ISO-42001:2023 A.7.3]
#   remediation: Record the digests of data, code and environment when training, and test on other data than was trained on.
#   owner: ml
package falaj.rules.rel_004

import data.falaj.subject

digests := {"data.digest", "code.digest", "environment.digest"}

wants := object.union({path: "sha256: and 64 hexadecimal digits" | some path in digests}, {
	"data.source": "where the data is from",
	"data.rows_train": "1 or more",
	"data.rows_test": "1 or more",
	"data.test": "other data than data.train",
})

named(value) if {
	is_string(value)
	trim_space(value) != ""
}

holds(release, path) if {
	path in digests
	subject.is_digest(subject.at(release, path))
}

holds(release, "data.source") if named(subject.at(release, "data.source"))

holds(release, path) if {
	path in {"data.rows_train", "data.rows_test"}
	rows := subject.at(release, path)
	is_number(rows)
	rows >= 1
}

holds(release, "data.test") if {
	named(subject.at(release, "data.test"))
	named(subject.at(release, "data.train"))
	release.data.test != release.data.train
}

results := {name: verdict |
	some name, release in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(release, path)}
	verdict := subject.judge(release, wants, right)
}
