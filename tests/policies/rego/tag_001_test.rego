package falaj_test.tag_001

import data.falaj_test.harness

tags := {
	"cost-centre": "cc-42",
	"data-class": "confidential",
	"env": "prod",
	"owner": "data-platform",
	"purpose": "training",
	"retention": "365d",
	"tenant": "shared",
}

given := object.filter(tags, ["cost-centre", "env", "owner", "tenant"])

own := object.filter(tags, ["data-class", "purpose", "retention"])

# Each tag alone, gone or empty.
lacking(path) := object.union(
	{concat(" ", ["no", tag]): [{"op": "remove", "path": concat("/", [path, tag])}] | some tag, _ in tags},
	{concat(" ", ["blank", tag]): [{"op": "replace", "path": concat("/", [path, tag]), "value": " "}] | some tag, _ in tags},
)

fixtures := {
	"aws": {
		"subject": "lake",
		"good": {"resources": {"lake": {
			"type": "aws:s3/bucket:Bucket",
			"inputs": {"bucket": "lake", "tags": tags},
		}}},
		"paths": ["/resources/lake/inputs/tags"],
		"bad": object.union(lacking("/resources/lake/inputs/tags"), {
			"a number": [{"op": "replace", "path": "/resources/lake/inputs/tags/retention", "value": 365}],
			"no list of tags": [{"op": "add", "path": "/params", "value": {"required_tags": null}}],
			"an empty list of tags": [{"op": "add", "path": "/params", "value": {"required_tags": []}}],
		}),
	},
	"aws, tags of the provider": {
		"subject": "lake",
		"good": {"resources": {"lake": {
			"type": "aws:s3/bucket:Bucket",
			"inputs": {"bucket": "lake", "tags": own},
			"provider": {"type": "pulumi:providers:aws", "name": "uae", "defaultTags": {"tags": given}},
		}}},
		"paths": [
			"/resources/lake/inputs/tags",
			"/resources/lake/provider/defaultTags",
			"/resources/lake/provider/defaultTags/tags",
		],
		"bad": {
			"its own tag is blank": [{"op": "add", "path": "/resources/lake/inputs/tags/owner", "value": ""}],
			"no provider of its own": [{"op": "remove", "path": "/resources/lake/provider"}],
		},
	},
	"aws, tags of the provider as it keeps them": {
		"subject": "lake",
		"good": {"resources": {"lake": {
			"type": "aws:dynamodb/table:Table",
			"inputs": {"hashKey": "id", "attributes": [{"name": "id", "type": "S"}], "tags": own},
			"provider": {"type": "pulumi:providers:aws", "name": "uae", "defaultTags": json.marshal({"tags": given})},
		}}},
		"paths": ["/resources/lake/inputs/tags", "/resources/lake/provider/defaultTags"],
		"bad": {
			"none of the provider's": [{
				"op": "replace",
				"path": "/resources/lake/provider/defaultTags",
				"value": json.marshal({"tags": {}}),
			}],
			"no JSON": [{"op": "replace", "path": "/resources/lake/provider/defaultTags", "value": "{"}],
		},
	},
	"azure": {
		"subject": "lake",
		"good": {"resources": {"lake": {
			"type": "azure-native:storage:StorageAccount",
			"inputs": {"kind": "StorageV2", "resourceGroupName": "data", "sku": {"name": "Standard_ZRS"}, "tags": tags},
		}}},
		"paths": ["/resources/lake/inputs/tags"],
		"bad": lacking("/resources/lake/inputs/tags"),
	},
	"namespace": {
		"subject": "team",
		"good": {"resources": {"team": {
			"type": "kubernetes:core/v1:Namespace",
			"inputs": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": tags}},
		}}},
		"paths": ["/resources/team/inputs/metadata", "/resources/team/inputs/metadata/labels"],
		"bad": lacking("/resources/team/inputs/metadata/labels"),
	},
}

test_good if harness.good("TAG-001", fixtures)

test_bad if harness.bad("TAG-001", fixtures)

test_absent if harness.absent("TAG-001", fixtures)

test_null if harness.null_("TAG-001", fixtures)

test_empty if harness.empty("TAG-001", fixtures)

test_unknown if harness.unknown("TAG-001", fixtures)
