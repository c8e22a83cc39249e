package falaj_test.cst_001

import data.falaj_test.harness

aws := {"resources": {
	"vpc": {"type": "aws:ec2/vpc:Vpc", "inputs": {"cidrBlock": "10.0.0.0/16"}},
	"budget": {
		"type": "aws:budgets/budget:Budget",
		"inputs": {
			"budgetType": "COST",
			"timeUnit": "MONTHLY",
			"limitAmount": "15000.0",
			"limitUnit": "USD",
			"notifications": [{
				"comparisonOperator": "GREATER_THAN",
				"notificationType": "FORECASTED",
				"threshold": 80,
				"thresholdType": "PERCENTAGE",
				"subscriberEmailAddresses": ["finance@example.ae"],
			}],
		},
	},
}}

azure := {"resources": {
	"group": {"type": "azure-native:resources:ResourceGroup", "inputs": {"location": "uaenorth"}},
	"limit": {
		"type": "azure-native:consumption:Budget",
		"inputs": {
			"scope": "/subscriptions/00000000-0000-0000-0000-000000000000",
			"category": "Cost",
			"timeGrain": "Monthly",
			"timePeriod": {"startDate": "2026-01-01T00:00:00Z"},
			"amount": 15000,
			"notifications": {"most": {
				"enabled": true,
				"operator": "GreaterThan",
				"threshold": 80,
				"contactEmails": ["finance@example.ae"],
			}},
		},
	},
}}

at(path) := concat("/", ["/resources/budget/inputs", path])

limit(path) := concat("/", ["/resources/limit/inputs", path])

spec := "/resources/job/inputs/spec"

fixtures := {
	"aws": {
		"subject": "stack",
		"good": aws,
		"paths": [at("budgetType"), at("timeUnit"), at("limitAmount"), at("notifications"), at("notifications/0")],
		"bad": {
			"no budget": [{"op": "remove", "path": "/resources/budget"}],
			"more than allowed": [{"op": "replace", "path": at("limitAmount"), "value": "20000.01"}],
			"nothing": [{"op": "replace", "path": at("limitAmount"), "value": "0"}],
			"a year's": [{"op": "replace", "path": at("timeUnit"), "value": "ANNUALLY"}],
			"hours": [{"op": "replace", "path": at("budgetType"), "value": "USAGE"}],
			"nobody is told": [{"op": "remove", "path": at("notifications/0/subscriberEmailAddresses")}],
			"an empty address": [{"op": "replace", "path": at("notifications/0/subscriberEmailAddresses"), "value": [""]}],
			"no limit": [{"op": "add", "path": "/params", "value": {"monthly_budget": null}}],
		},
	},
	"azure": {
		"subject": "stack",
		"good": azure,
		"paths": [
			limit("category"),
			limit("timeGrain"),
			limit("amount"),
			limit("notifications"),
			limit("notifications/most/enabled"),
		],
		"bad": {
			"no budget": [{"op": "remove", "path": "/resources/limit"}],
			"more than allowed": [{"op": "replace", "path": limit("amount"), "value": 20001}],
			"nothing": [{"op": "replace", "path": limit("amount"), "value": 0}],
			"switched off": [{"op": "replace", "path": limit("notifications/most/enabled"), "value": false}],
			"nobody is told": [{"op": "replace", "path": limit("notifications/most/contactEmails"), "value": []}],
			"a year's": [{"op": "replace", "path": limit("timeGrain"), "value": "Annually"}],
		},
	},
	"both clouds": {
		"subject": "stack",
		"good": object.union(aws, azure),
		"paths": [at("limitAmount"), limit("amount")],
		"bad": {
			"no budget": [{"op": "remove", "path": "/resources/budget"}],
			"no budget on Azure": [{"op": "remove", "path": "/resources/limit"}],
		},
	},
	"Ray job": {
		"subject": "job",
		"good": {"resources": {"job": {
			"type": "kubernetes:ray.io/v1:RayJob",
			"inputs": {
				"apiVersion": "ray.io/v1",
				"kind": "RayJob",
				"metadata": {"name": "train", "namespace": "team"},
				"spec": {
					"entrypoint": "python train.py",
					"shutdownAfterJobFinishes": true,
					"ttlSecondsAfterFinished": 600,
					"rayClusterSpec": {},
				},
			},
		}}},
		"paths": [
			spec,
			concat("/", [spec, "shutdownAfterJobFinishes"]),
			concat("/", [spec, "ttlSecondsAfterFinished"]),
		],
		"bad": {
			"stays": [{"op": "replace", "path": concat("/", [spec, "shutdownAfterJobFinishes"]), "value": false}],
			"nobody says for how long": [{"op": "remove", "path": concat("/", [spec, "ttlSecondsAfterFinished"])}],
		},
	},
}

test_a_stack_without_a_cloud_costs_nothing_there if {
	harness.verdict("CST-001", {"subject": "stack"}, {"resources": {}}) == "nothing"
}

test_good if harness.good("CST-001", fixtures)

test_bad if harness.bad("CST-001", fixtures)

test_absent if harness.absent("CST-001", fixtures)

test_null if harness.null_("CST-001", fixtures)

test_empty if harness.empty("CST-001", fixtures)

test_unknown if harness.unknown("CST-001", fixtures)
