package falaj_test.res_004

import data.falaj_test.cases
import data.falaj_test.harness

rules := "/resources/replication/inputs/replicationConfiguration/rules"

location := "/resources/replication/inputs/location"

fixtures := {
	"ecr": {
		"subject": "replication",
		"good": {"resources": {"replication": {
			"type": "aws:ecr/replicationConfiguration:ReplicationConfiguration",
			"inputs": {"replicationConfiguration": {"rules": [{"destinations": [{
				"region": "me-central-1",
				"registryId": "123456789012",
			}]}]}},
		}}},
		"paths": [concat("/", [rules, "0/destinations/0/region"])],
		"bad": {
			"a replica abroad": [{"op": "replace", "path": concat("/", [rules, "0/destinations/0/region"]), "value": "eu-west-1"}],
			"a second one abroad": [{
				"op": "add",
				"path": concat("/", [rules, "0/destinations/-"]),
				"value": {"region": "eu-west-1", "registryId": "123456789012"},
			}],
			"no list": [{"op": "replace", "path": concat("/", [rules, "0/destinations"]), "value": "all"}],
		},
	},
	"acr replica": {
		"subject": "replication",
		"good": {"resources": {"replication": {
			"type": "azure-native:containerregistry:Replication",
			"inputs": {"location": "uaecentral", "registryName": "falaj", "resourceGroupName": "images"},
		}}},
		"paths": [location],
		"bad": {
			"abroad": [{"op": "replace", "path": location, "value": "westeurope"}],
			"nothing is allowed": [{"op": "add", "path": "/params", "value": {"regions": null}}],
		},
	},
	"acr": {
		"subject": "registry",
		"good": {"resources": {
			"group": {"type": "azure-native:resources:ResourceGroup", "inputs": {"location": "uaenorth"}},
			"registry": {
				"type": "azure-native:containerregistry:Registry",
				"inputs": {"location": cases.unknown, "resourceGroupName": cases.unknown, "sku": {"name": "Premium"}},
				"edges": {"location": ["group"], "resourceGroupName": ["group"]},
			},
		}},
		"paths": ["/resources/registry/inputs/location", "/resources/registry/edges/location"],
		"bad": {"abroad": [{"op": "replace", "path": "/resources/registry/inputs/location", "value": "westeurope"}]},
		# Without its edge a location that is not known may be anywhere.
		"expect": {
			"absent": {"/resources/registry/edges/location": "indeterminate"},
			"null": {"/resources/registry/edges/location": "indeterminate"},
			"empty": {"/resources/registry/edges/location": "indeterminate"},
			"unknown": {"/resources/registry/inputs/location": "pass"},
		},
	},
}

test_good if harness.good("RES-004", fixtures)

test_bad if harness.bad("RES-004", fixtures)

test_absent if harness.absent("RES-004", fixtures)

test_null if harness.null_("RES-004", fixtures)

test_empty if harness.empty("RES-004", fixtures)

test_unknown if harness.unknown("RES-004", fixtures)

test_without_rules_nothing_is_replicated if {
	some nothing in [{}, null]
	fixture := fixtures.ecr
	empty := harness.set_to(fixture, "/resources/replication/inputs/replicationConfiguration", nothing)
	harness.verdict("RES-004", fixture, empty) == "pass"
}

test_rules_that_are_not_known_may_replicate_anywhere if {
	fixture := fixtures.ecr
	harness.verdict("RES-004", fixture, harness.set_to(fixture, rules, cases.unknown)) == "indeterminate"
}

test_inputs_that_are_not_known_may_name_any_place if {
	fixture := fixtures["acr replica"]
	harness.verdict("RES-004", fixture, harness.set_to(fixture, "/resources/replication/inputs", cases.unknown)) == "indeterminate"
}
