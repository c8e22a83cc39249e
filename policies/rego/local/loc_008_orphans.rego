# METADATA
# scope: package
# title: No plan takes the key ring away from a store that stays
# custom:
#   id: LOC-008
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: [plan]
#   on_unknown: deny
#   controls: [UAE-IA T3.2.3, ISO-27001:2022 8.32]
#   remediation: Delete or replace the stores together with their key ring, or keep it; without it their objects cannot be read again.
#   owner: platform
package falaj.rules.loc_008

import data.falaj.subject

wants := {
	"key rings lost": "none while a store stays",
	"resources without an operation": "none",
}

operations := object.get(input, "operations", {})

leaving := {"delete", "replace"}

staying := {"create", "update", "same", "read", "import"}

leaves(urn) if operations[urn] in leaving

listed(urn) if operations[urn] in (leaving | staying)

of_type(kind) := {urn | some urn, resource in input.resources; resource.type == kind}

facts := {
	"key rings lost": sort({urn | some urn in of_type("falaj:local:KeyRing"); leaves(urn)}),
	"stores that stay": {urn | some urn in of_type("falaj:local:ObjectStore"); not leaves(urn)},
	"resources without an operation": sort({urn | some urn, _ in input.resources; not listed(urn)}),
}

holds("key rings lost") if count(facts["key rings lost"]) == 0

holds("key rings lost") if count(facts["stores that stay"]) == 0

holds("resources without an operation") if count(facts["resources without an operation"]) == 0

results := {name: verdict |
	some name, _ in subject.of(rego.metadata.chain())
	right := {path | some path, _ in wants; holds(path)}
	verdict := subject.judge(facts, wants, right)
}
