package falaj_test.res_001

import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {
	"a region of its own": {
		"subject": "bucket",
		"good": {"resources": {"bucket": {
			"type": "aws:s3/bucket:Bucket",
			"inputs": {"bucket": "lake", "region": "me-central-1"},
			"provider": {"type": "pulumi:providers:aws", "name": "default"},
		}}},
		"paths": ["/resources/bucket/inputs/region"],
		"bad": {
			"abroad, though its provider is not": [
				{"op": "replace", "path": "/resources/bucket/inputs/region", "value": "eu-west-1"},
				{"op": "add", "path": "/resources/bucket/provider/region", "value": "me-central-1"},
			],
			"another of the Gulf": [{"op": "replace", "path": "/resources/bucket/inputs/region", "value": "me-south-1"}],
			"in no region": [{"op": "replace", "path": "/resources/bucket/inputs/region", "value": "global"}],
			"nothing is allowed": [{"op": "add", "path": "/params", "value": {"regions": null}}],
			"none that is known": [{"op": "replace", "path": "/resources/bucket/inputs", "value": {}}],
		},
	},
	"its provider's region": {
		"subject": "queue",
		"good": {"resources": {"queue": {
			"type": "aws:sqs/queue:Queue",
			"inputs": {"name": "work"},
			"provider": {"type": "pulumi:providers:aws", "name": "default", "region": "me-central-1"},
		}}},
		"paths": ["/resources/queue/provider/region", "/resources/queue/provider"],
		"bad": {
			"no provider, and so no region at all": [{"op": "remove", "path": "/resources/queue/provider"}],
			"a provider abroad": [{"op": "replace", "path": "/resources/queue/provider/region", "value": "us-east-1"}],
			"overridden": [{"op": "add", "path": "/resources/queue/inputs/region", "value": "us-east-1"}],
		},
		# A provider that is not known is none.
		"expect": {"unknown": {"/resources/queue/provider": "fail"}},
	},
	"provider": {
		"subject": "aws",
		"good": {"resources": {"aws": {"type": "pulumi:providers:aws", "inputs": {"region": "me-central-1"}}}},
		"paths": ["/resources/aws/inputs/region"],
		"bad": {"abroad": [{"op": "replace", "path": "/resources/aws/inputs/region", "value": "us-east-1"}]},
	},
	"a location of its own": {
		"subject": "account",
		"good": {"resources": {"account": {
			"type": "azure-native:storage/v20250601:StorageAccount",
			"inputs": {
				"kind": "StorageV2",
				"location": "UAE North",
				"resourceGroupName": "data",
				"sku": {"name": "Standard_ZRS"},
			},
		}}},
		"paths": ["/resources/account/inputs/location"],
		"bad": {
			"abroad": [{"op": "replace", "path": "/resources/account/inputs/location", "value": "westeurope"}],
			"everywhere": [{"op": "replace", "path": "/resources/account/inputs/location", "value": "global"}],
			"nothing is allowed": [{"op": "add", "path": "/params", "value": {"regions": null}}],
		},
	},
	"its provider's location": {
		"subject": "vault",
		"good": {"resources": {"vault": {
			"type": "azure-native:recoveryservices:Vault",
			"inputs": {"resourceGroupName": "data"},
			"provider": {"type": "pulumi:providers:azure-native", "name": "default", "location": "uaenorth"},
		}}},
		"paths": ["/resources/vault/provider/location"],
		"bad": {
			"a provider abroad": [{"op": "replace", "path": "/resources/vault/provider/location", "value": "westeurope"}],
			"no location at all": [{"op": "remove", "path": "/resources/vault/provider"}],
			"overridden": [{"op": "add", "path": "/resources/vault/inputs/location", "value": "westeurope"}],
		},
	},
	"its group's location": {
		"subject": "identity",
		"good": {"resources": {
			"group": {"type": "azure-native:resources:ResourceGroup", "inputs": {"location": "uaecentral"}},
			"identity": {
				"type": "azure-native:managedidentity:UserAssignedIdentity",
				"inputs": {"location": cases.unknown, "resourceGroupName": cases.unknown},
				"edges": {"location": ["group"], "resourceGroupName": ["group"]},
			},
		}},
		"paths": ["/resources/identity/inputs/location", "/resources/identity/edges/location"],
		"bad": {"abroad": [{"op": "replace", "path": "/resources/identity/inputs/location", "value": "westeurope"}]},
		# Without its edge a location that is not known may be anywhere.
		"expect": {
			"absent": {"/resources/identity/edges/location": "indeterminate"},
			"null": {"/resources/identity/edges/location": "indeterminate"},
			"empty": {"/resources/identity/edges/location": "indeterminate"},
			"unknown": {"/resources/identity/inputs/location": "pass"},
		},
	},
	"a name that is global": {
		"subject": "zone",
		"good": {"resources": {"zone": {
			"type": "azure-native:privatedns:PrivateZone",
			"inputs": {"location": "Global", "privateZoneName": "falaj.internal", "resourceGroupName": "net"},
		}}},
		"paths": ["/resources/zone/inputs/location"],
		"bad": {"abroad": [{"op": "replace", "path": "/resources/zone/inputs/location", "value": "westeurope"}]},
	},
}

test_good if harness.good("RES-001", fixtures)

test_bad if harness.bad("RES-001", fixtures)

test_absent if harness.absent("RES-001", fixtures)

test_null if harness.null_("RES-001", fixtures)

test_empty if harness.empty("RES-001", fixtures)

test_unknown if harness.unknown("RES-001", fixtures)

result(type, inputs, provider) := found if {
	results := harness.results("RES-001") with input as harness.document({"resources": {"u": {
		"type": type,
		"inputs": inputs,
		"provider": provider,
	}}})
	found := results.u.result
}

test_what_has_no_region_needs_none if {
	result("aws:iam/role:Role", {"assumeRolePolicy": "{}"}, {}) == "pass"
	result("aws:route53/zone:Zone", {"name": "falaj.internal"}, {}) == "pass"
	result("azure-native:authorization:RoleAssignment", {"principalId": "p"}, {}) == "pass"
}

test_what_has_one_beside_it_does if {
	result("aws:route53/resolverEndpoint:ResolverEndpoint", {"direction": "INBOUND"}, {}) == "fail"
	result("azure-native:authorization:PolicyAssignment", {"location": "westeurope"}, {}) == "fail"
	result("azure-native:authorization:PolicyAssignment", {"location": "uaenorth"}, {}) == "pass"
}

test_the_provider_of_azure_may_leave_it_to_its_resources if {
	result("pulumi:providers:azure-native", {}, {}) == "pass"
	result("pulumi:providers:azure-native", {"location": "westeurope"}, {}) == "fail"
}

test_a_group_abroad_proves_nothing if {
	fixture := fixtures["its group's location"]
	abroad := harness.set_to(fixture, "/resources/group/inputs/location", "westeurope")
	harness.verdict("RES-001", fixture, abroad) == "indeterminate"
}

test_inputs_that_are_not_known_may_name_any_region if {
	result("aws:sqs/queue:Queue", cases.unknown, {"region": "me-central-1"}) == "indeterminate"
}

test_kubernetes_is_another_matter if {
	results := harness.results("RES-001") with input as harness.document({"resources": {"u": {"type": "kubernetes:core/v1:Namespace", "inputs": {}}}})
	results == {}
}
