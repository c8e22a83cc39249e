package falaj_test.log_003

import data.falaj_test.harness

fixtures := {
	"log group": {
		"subject": "logs",
		"good": {"resources": {"logs": {
			"type": "aws:cloudwatch/logGroup:LogGroup",
			"inputs": {"name": "/falaj/gate", "retentionInDays": 365},
		}}},
		"paths": ["/resources/logs/inputs/retentionInDays"],
		"bad": {
			"for ever": [{"op": "replace", "path": "/resources/logs/inputs/retentionInDays", "value": 0}],
			"too short": [{"op": "replace", "path": "/resources/logs/inputs/retentionInDays", "value": 90}],
			"no least": [{"op": "add", "path": "/params", "value": {"log_retention_days_min": null}}],
			"no most": [{"op": "add", "path": "/params", "value": {"log_retention_days_max": null}}],
		},
	},
	"workspace": {
		"subject": "logs",
		"good": {"resources": {"logs": {
			"type": "azure-native:operationalinsights:Workspace",
			"inputs": {"resourceGroupName": "region", "sku": {"name": "PerGB2018"}, "retentionInDays": 180},
		}}},
		"paths": ["/resources/logs/inputs/retentionInDays"],
		"bad": {
			"a day short": [{"op": "replace", "path": "/resources/logs/inputs/retentionInDays", "value": 179}],
			"longer than allowed": [{"op": "add", "path": "/params", "value": {"log_retention_days_max": 100}}],
		},
	},
}

test_good if harness.good("LOG-003", fixtures)

test_bad if harness.bad("LOG-003", fixtures)

test_absent if harness.absent("LOG-003", fixtures)

test_null if harness.null_("LOG-003", fixtures)

test_empty if harness.empty("LOG-003", fixtures)

test_unknown if harness.unknown("LOG-003", fixtures)
