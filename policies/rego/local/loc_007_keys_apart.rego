# METADATA
# scope: package
# title: Keys are kept apart from the data they open
# custom:
#   id: LOC-007
#   severity: high
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [falaj:local:ObjectStore]
#   on_unknown: defer
#   controls: [UAE-IA T7.4.2, ISO-27001:2022 8.24]
#   remediation: Keep the key ring outside the store's folder; a copy of the store must not carry its key.
#   owner: platform
package falaj.rules.loc_007

import data.falaj.subject

wants := {
	"path": "an absolute path without . or .. in it",
	"key_ring": "an absolute path without . or .. in it, outside the store's folder",
}

absolute(path) if {
	is_string(path)
	startswith(path, "/")
	not regex.match(`//|/\.\.?(/|$)`, path)
}

holds("path", store) if absolute(store.path)

holds("key_ring", store) if {
	absolute(store.path)
	absolute(store.key_ring)
	not startswith(store.key_ring, concat("", [trim_right(store.path, "/"), "/"]))
}

# Whether it is outside is open until the store's own path is known; "path" says so.
holds("key_ring", store) if {
	subject.is_unknown(store.path)
	absolute(store.key_ring)
}

results := {urn: verdict |
	some urn, store in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(path, store.inputs)}
	verdict := subject.judge(store.inputs, wants, right)
}
