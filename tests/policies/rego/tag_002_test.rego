package falaj_test.tag_002

import data.falaj_test.cases
import data.falaj_test.harness

class := "/resources/lake/inputs/tags/data-class"

table(data_class) := {
	"type": "aws:dynamodb/table:Table",
	"inputs": {"hashKey": "id", "attributes": [{"name": "id", "type": "S"}], "tags": {"data-class": data_class}},
}

fixtures := {
	"bucket": {
		"subject": "lake",
		"good": {"resources": {"lake": {
			"type": "aws:s3/bucket:Bucket",
			"inputs": {"bucket": "lake", "tags": {"data-class": "confidential"}},
		}}},
		"paths": [class, "/resources/lake/inputs/tags"],
		"bad": {
			"a class of nobody": [{"op": "replace", "path": class, "value": "secret"}],
			"above the stack's": [{"op": "replace", "path": class, "value": "restricted"}],
			"a stack without a class": [{"op": "add", "path": "/stack", "value": {"data_class": ""}}],
		},
	},
	"function that reads": {
		"subject": "reader",
		"good": {"resources": {
			"reader": {
				"type": "aws:lambda/function:Function",
				"inputs": {
					"role": "arn:aws:iam::123456789012:role/reader",
					"packageType": "Image",
					"imageUri": "123456789012.dkr.ecr.me-central-1.amazonaws.com/reader@sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
					"environment": {"variables": {"TABLE": cases.unknown}},
					"tags": {"data-class": "confidential"},
				},
				"edges": {"environment.variables.TABLE": ["table"]},
			},
			"table": table("internal"),
		}},
		"paths": ["/resources/reader/inputs/tags/data-class", "/resources/table/inputs/tags/data-class"],
		"bad": {
			"of a lower class": [{"op": "replace", "path": "/resources/reader/inputs/tags/data-class", "value": "public"}],
			"reads the restricted": [{
				"op": "replace",
				"path": "/resources/table/inputs/tags/data-class",
				"value": "restricted",
			}],
		},
	},
	"azure": {
		"subject": "lake",
		"good": {"resources": {"lake": {
			"type": "azure-native:compute:Disk",
			"inputs": {
				"resourceGroupName": "data",
				"creationData": {"createOption": "Empty"},
				"tags": {"data-class": "public"},
			},
		}}},
		"paths": [class],
		"bad": {"above the stack's": [{"op": "replace", "path": class, "value": "restricted"}]},
	},
	"namespace": {
		"subject": "team",
		"good": {"resources": {"team": {
			"type": "kubernetes:core/v1:Namespace",
			"inputs": {
				"apiVersion": "v1",
				"kind": "Namespace",
				"metadata": {"name": "team", "labels": {"data-class": "internal"}},
			},
		}}},
		"paths": ["/resources/team/inputs/metadata/labels/data-class", "/resources/team/inputs/metadata/labels"],
		"bad": {"above the stack's": [{
			"op": "replace",
			"path": "/resources/team/inputs/metadata/labels/data-class",
			"value": "restricted",
		}]},
	},
}

test_good if harness.good("TAG-002", fixtures)

test_bad if harness.bad("TAG-002", fixtures)

test_absent if harness.absent("TAG-002", fixtures)

test_null if harness.null_("TAG-002", fixtures)

test_empty if harness.empty("TAG-002", fixtures)

test_unknown if harness.unknown("TAG-002", fixtures)
