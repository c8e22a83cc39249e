package falaj_test.net_008

import data.falaj_test.cases
import data.falaj_test.harness

endpoint(service, type) := {
	"type": "aws:ec2/vpcEndpoint:VpcEndpoint",
	"inputs": object.union({"vpcId": cases.unknown, "serviceName": concat(".", ["com.amazonaws.me-central-1", service])}, type),
	"edges": {"vpcId": ["vpc"]},
}

inside := {"vpcEndpointType": "Interface", "privateDnsEnabled": true}

interfaces := {service: endpoint(service, inside) | some service in ["ecr.api", "ecr.dkr", "kms", "sts", "logs"]}

vpc := {"type": "aws:ec2/vpc:Vpc", "inputs": {"cidrBlock": "10.0.0.0/16"}}

kms := "/resources/kms/inputs"

connection := "/resources/endpoint/inputs/privateLinkServiceConnections"

linked(type, inputs, group) := {
	"subject": "store",
	"good": {"resources": {
		"store": {"type": type, "inputs": object.union({"resourceGroupName": "data"}, inputs)},
		"endpoint": {
			"type": "azure-native:network:PrivateEndpoint",
			"inputs": {
				"resourceGroupName": "net",
				"subnet": {"id": cases.unknown},
				"privateLinkServiceConnections": [{"name": "store", "privateLinkServiceId": cases.unknown, "groupIds": [group]}],
			},
			"edges": {"privateLinkServiceConnections": ["store"]},
		},
	}},
	"paths": [
		connection,
		concat("/", [connection, "0"]),
		concat("/", [connection, "0/privateLinkServiceId"]),
		concat("/", [connection, "0/groupIds"]),
		concat("/", [connection, "0/groupIds/0"]),
		"/resources/endpoint/edges/privateLinkServiceConnections",
	],
	"bad": {
		"no endpoint": [{"op": "remove", "path": "/resources/endpoint"}],
		"another's group": [{"op": "replace", "path": concat("/", [connection, "0/groupIds/0"]), "value": "sqlServer"}],
		"for something else": [{"op": "remove", "path": "/resources/endpoint/edges/privateLinkServiceConnections"}],
	},
	# The edge says what it is for.
	"expect": {"unknown": {
		concat("/", [connection, "0/privateLinkServiceId"]): "pass",
		"/resources/endpoint/edges/privateLinkServiceConnections": "fail",
	}},
}

fixtures := {
	"vpc": {
		"subject": "vpc",
		"good": {"resources": object.union(interfaces, {"vpc": vpc, "s3": endpoint("s3", {})})},
		"paths": [
			concat("/", [kms, "serviceName"]),
			concat("/", [kms, "vpcEndpointType"]),
			concat("/", [kms, "privateDnsEnabled"]),
			concat("/", [kms, "vpcId"]),
			"/resources/kms/edges/vpcId",
			"/resources/s3/inputs/serviceName",
		],
		"bad": object.union(
			{service: [{"op": "remove", "path": concat("/", ["/resources", service])}] | some service in ["s3", "ecr.api", "ecr.dkr", "kms", "sts", "logs"]},
			{
				"abroad": [{"op": "replace", "path": concat("/", [kms, "serviceName"]), "value": "com.amazonaws.us-east-1.kms"}],
				"without private DNS": [{"op": "replace", "path": concat("/", [kms, "privateDnsEnabled"]), "value": false}],
			},
		),
		"expect": {"unknown": {concat("/", [kms, "vpcId"]): "pass", "/resources/kms/edges/vpcId": "fail"}},
	},
	"vpc, all interfaces": {
		"subject": "vpc",
		"good": {"resources": object.union(interfaces, {"vpc": vpc, "s3": endpoint("s3", inside)})},
		"paths": ["/resources/s3/inputs/privateDnsEnabled"],
		"bad": {"without private DNS": [{"op": "replace", "path": "/resources/s3/inputs/privateDnsEnabled", "value": false}]},
	},
	"account": linked("azure-native:storage:StorageAccount", {"kind": "StorageV2", "sku": {"name": "Standard_ZRS"}}, "blob"),
	"vault": linked(
		"azure-native:keyvault:Vault",
		{"properties": {"tenantId": "00000000-0000-0000-0000-000000000000", "sku": {"family": "A", "name": "premium"}}},
		"vault",
	),
	"registry": linked("azure-native:containerregistry:Registry", {"sku": {"name": "Premium"}}, "registry"),
}

test_good if harness.good("NET-008", fixtures)

test_bad if harness.bad("NET-008", fixtures)

test_absent if harness.absent("NET-008", fixtures)

test_null if harness.null_("NET-008", fixtures)

test_empty if harness.empty("NET-008", fixtures)

test_unknown if harness.unknown("NET-008", fixtures)
