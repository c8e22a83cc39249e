package falaj_test.bck_001

import data.falaj_test.cases
import data.falaj_test.harness

tags := {"backup": "daily", "restore-tested": "2026-10-01"}

plan := {
	"plan": {
		"type": "aws:backup/plan:Plan",
		"inputs": {"name": "daily", "rules": [{
			"ruleName": "daily",
			"targetVaultName": cases.unknown,
			"schedule": "cron(0 1 * * ? *)",
			"lifecycle": {"deleteAfter": 35},
		}]},
		"edges": {"rules": ["vault"]},
	},
	"vault": {"type": "aws:backup/vault:Vault", "inputs": {"name": "region"}},
}

by_name := {"selection": {
	"type": "aws:backup/selection:Selection",
	"inputs": {
		"iamRoleArn": "arn:aws:iam::123456789012:role/backup",
		"planId": cases.unknown,
		"resources": [cases.unknown],
	},
	"edges": {"planId": ["plan"], "resources": ["store"]},
}}

by_tag := {"selection": {
	"type": "aws:backup/selection:Selection",
	"inputs": {
		"iamRoleArn": "arn:aws:iam::123456789012:role/backup",
		"planId": cases.unknown,
		"selectionTags": [{"type": "STRINGEQUALS", "key": "backup", "value": "daily"}],
	},
	"edges": {"planId": ["plan"]},
}}

test := {
	"type": "aws:backup/restoreTestingSelection:RestoreTestingSelection",
	"inputs": {
		"iamRoleArn": "arn:aws:iam::123456789012:role/backup",
		"restoreTestingPlanName": "monthly",
		"protectedResourceType": "RDS",
		"protectedResourceArns": ["*"],
		"protectedResourceConditions": {"stringEquals": [{"key": "aws:ResourceTag/backup", "value": "daily"}]},
	},
}

tests := {
	"type": "aws:backup/restoreTestingPlan:RestoreTestingPlan",
	"inputs": {
		"name": "monthly",
		"scheduleExpression": "cron(0 20 1 * ? *)",
		"recoveryPointSelection": {
			"algorithm": "LATEST_WITHIN_WINDOW",
			"includeVaults": [cases.unknown],
			"recoveryPointTypes": ["SNAPSHOT"],
		},
	},
}

document(store, selection) := {"resources": object.union_n([{"store": store}, selection, plan])}

database := {
	"type": "aws:rds/instance:Instance",
	"inputs": {
		"instanceClass": "db.m7g.large",
		"engine": "postgres",
		"allocatedStorage": 100,
		"username": "platform",
		"manageMasterUserPassword": true,
		"tags": tags,
	},
}

tested := "/resources/store/inputs/tags/restore-tested"

rule := "/resources/plan/inputs/rules/0"

selection := "/resources/selection/inputs"

bad := {
	"no selection": [{"op": "remove", "path": "/resources/selection"}],
	"no plan": [{"op": "remove", "path": "/resources/plan"}],
	"kept for ever": [{"op": "remove", "path": concat("/", [rule, "lifecycle"])}],
	"a vault elsewhere": [{"op": "replace", "path": concat("/", [rule, "targetVaultName"]), "value": "another"}],
	"never restored": [{"op": "remove", "path": tested}],
	"restored long ago": [{"op": "replace", "path": tested, "value": "2026-08-26"}],
	"to be restored": [{"op": "replace", "path": tested, "value": "2026-12-01"}],
	"no such day": [{"op": "replace", "path": tested, "value": "2026-02-30"}],
	"no limit": [{"op": "add", "path": "/params", "value": {"backup_test_days_max": null}}],
}

fixtures := {
	"database by name": {
		"subject": "store",
		"good": document(database, by_name),
		"paths": [
			tested,
			concat("/", [selection, "planId"]),
			concat("/", [selection, "resources"]),
			concat("/", [selection, "resources/0"]),
			"/resources/selection/edges/planId",
			"/resources/selection/edges/resources",
			"/resources/plan/inputs/rules",
			rule,
			concat("/", [rule, "lifecycle"]),
			concat("/", [rule, "lifecycle/deleteAfter"]),
			concat("/", [rule, "targetVaultName"]),
			"/resources/plan/edges/rules",
		],
		"bad": bad,
		# What is selected, by which plan and into which vault is not known: the edges say so, and the vault is any without.
		"expect": {
			"absent": {"/resources/plan/edges/rules": "indeterminate"},
			"null": {"/resources/plan/edges/rules": "indeterminate"},
			"empty": {"/resources/plan/edges/rules": "indeterminate"},
			"unknown": {
				concat("/", [selection, "planId"]): "pass",
				concat("/", [selection, "resources"]): "pass",
				concat("/", [selection, "resources/0"]): "pass",
				"/resources/selection/edges/planId": "fail",
				"/resources/selection/edges/resources": "fail",
				concat("/", [rule, "targetVaultName"]): "pass",
			},
		},
	},
	"table by tag": {
		"subject": "store",
		"good": json.patch(
			document(
				{
					"type": "aws:dynamodb/table:Table",
					"inputs": {"hashKey": "id", "attributes": [{"name": "id", "type": "S"}], "tags": tags},
				},
				by_tag,
			),
			[
				{"op": "replace", "path": concat("/", [rule, "targetVaultName"]), "value": "region"},
				{"op": "replace", "path": concat("/", [selection, "planId"]), "value": "0c6b4f6e-7f0a-4a5e-9f50-6a9a0f9b2a11"},
			],
		),
		"paths": [
			"/resources/store/inputs/tags",
			"/resources/store/inputs/tags/backup",
			concat("/", [selection, "selectionTags"]),
			concat("/", [selection, "selectionTags/0"]),
			concat("/", [selection, "selectionTags/0/type"]),
			concat("/", [selection, "selectionTags/0/key"]),
			concat("/", [selection, "selectionTags/0/value"]),
			concat("/", [rule, "targetVaultName"]),
			"/resources/vault/inputs/name",
		],
		"bad": object.union(bad, {"another tag": [{
			"op": "replace",
			"path": concat("/", [selection, "selectionTags/0/value"]),
			"value": "hourly",
		}]}),
		# A vault whose name is not known has not the name that the rule gives; where that is not known, the edge tells.
		"expect": {"unknown": {
			concat("/", [rule, "targetVaultName"]): "pass",
			"/resources/vault/inputs/name": "fail",
		}},
	},
	"file system, applied": {
		"subject": "store",
		"good": json.patch(
			document({"type": "aws:efs/fileSystem:FileSystem", "inputs": {"encrypted": true, "tags": tags}}, by_name),
			[{
				"op": "replace",
				"path": concat("/", [selection, "resources"]),
				"value": ["arn:aws:elasticfilesystem:me-central-1:123456789012:file-system/fs-0123456789abcdef0"],
			}],
		),
		"paths": [tested, concat("/", [selection, "resources/0"])],
		"bad": {"no such name": [{"op": "replace", "path": concat("/", [selection, "resources"]), "value": ["fs-0"]}]},
		# The edge tells what is selected.
		"expect": {
			"absent": {concat("/", [selection, "resources/0"]): "fail"},
			"unknown": {concat("/", [selection, "resources/0"]): "pass"},
		},
	},
	"database that a test restores": {
		"subject": "store",
		"good": json.patch(
			document(database, by_name),
			[
				{"op": "remove", "path": tested},
				{"op": "add", "path": "/resources/test", "value": test},
				{"op": "add", "path": "/resources/tests", "value": tests},
			],
		),
		"paths": [
			"/resources/test/inputs/protectedResourceType",
			"/resources/test/inputs/protectedResourceArns",
			"/resources/test/inputs/restoreTestingPlanName",
			"/resources/test/inputs/protectedResourceConditions/stringEquals",
			"/resources/test/inputs/protectedResourceConditions/stringEquals/0/key",
			"/resources/test/inputs/protectedResourceConditions/stringEquals/0/value",
			"/resources/tests/inputs/name",
			"/resources/tests/inputs/scheduleExpression",
			"/resources/tests/inputs/recoveryPointSelection/includeVaults",
		],
		"bad": {
			"another kind is": [{"op": "replace", "path": "/resources/test/inputs/protectedResourceType", "value": "EFS"}],
			"only one of them is": [{
				"op": "replace",
				"path": "/resources/test/inputs/protectedResourceArns",
				"value": ["arn:aws:rds:me-central-1:123456789012:db:other"],
			}],
			"those with another tag are": [{
				"op": "replace",
				"path": "/resources/test/inputs/protectedResourceConditions/stringEquals/0/value",
				"value": "hourly",
			}],
			"those without a tag are": [{
				"op": "add",
				"path": "/resources/test/inputs/protectedResourceConditions/stringNotEquals",
				"value": [{"key": "aws:ResourceTag/backup", "value": "hourly"}],
			}],
			"no plan has it": [{"op": "remove", "path": "/resources/tests"}],
			"no vault is in it": [{
				"op": "replace",
				"path": "/resources/tests/inputs/recoveryPointSelection/includeVaults",
				"value": ["arn:aws:backup:eu-west-1:123456789012:backup-vault:abroad"],
			}],
		},
		"expect": {"unknown": {
			"/resources/test/inputs/protectedResourceType": "fail",
			"/resources/test/inputs/protectedResourceArns": "fail",
			"/resources/test/inputs/restoreTestingPlanName": "fail",
			"/resources/test/inputs/protectedResourceConditions/stringEquals": "fail",
			"/resources/test/inputs/protectedResourceConditions/stringEquals/0/key": "fail",
			"/resources/test/inputs/protectedResourceConditions/stringEquals/0/value": "fail",
			"/resources/tests/inputs/name": "fail",
			"/resources/tests/inputs/scheduleExpression": "fail",
			"/resources/tests/inputs/recoveryPointSelection/includeVaults": "fail",
		}},
	},
	"database that a test restores from the vault as it is": {
		"subject": "store",
		"good": json.patch(
			document(database, by_name),
			[
				{"op": "remove", "path": tested},
				{"op": "add", "path": "/resources/test", "value": test},
				{"op": "add", "path": "/resources/tests", "value": tests},
				{"op": "add", "path": "/resources/tests/edges", "value": {"recoveryPointSelection": ["vault"]}},
				{
					"op": "replace",
					"path": "/resources/tests/inputs/recoveryPointSelection/includeVaults",
					"value": ["arn:aws:backup:me-central-1:123456789012:backup-vault:region"],
				},
			],
		),
		"paths": ["/resources/tests/edges/recoveryPointSelection"],
		"bad": {
			"no such vault": [{"op": "remove", "path": "/resources/vault"}],
			"never": [{"op": "replace", "path": "/resources/tests/inputs/scheduleExpression", "value": " "}],
		},
		"expect": {"unknown": {"/resources/tests/edges/recoveryPointSelection": "fail"}},
	},
	"table that a test of all restores": {
		"subject": "store",
		"good": json.patch(
			document(
				{
					"type": "aws:dynamodb/table:Table",
					"inputs": {"hashKey": "id", "attributes": [{"name": "id", "type": "S"}], "tags": {"backup": "daily"}},
				},
				by_tag,
			),
			[
				{"op": "add", "path": "/resources/test", "value": test},
				{"op": "replace", "path": "/resources/test/inputs/protectedResourceType", "value": "DynamoDB"},
				{"op": "remove", "path": "/resources/test/inputs/protectedResourceConditions"},
				{"op": "add", "path": "/resources/tests", "value": tests},
				{"op": "replace", "path": "/resources/tests/inputs/recoveryPointSelection/includeVaults", "value": ["*"]},
			],
		),
		"paths": ["/resources/test/inputs/protectedResourceArns/0"],
		"bad": {"never": [{"op": "replace", "path": "/resources/tests/inputs/scheduleExpression", "value": " "}]},
		"expect": {"unknown": {"/resources/test/inputs/protectedResourceArns/0": "fail"}},
	},
	"volume": {
		"subject": "store",
		"good": document(
			{
				"type": "aws:ebs/volume:Volume",
				"inputs": {"availabilityZone": "me-central-1a", "size": 100, "tags": tags},
			},
			by_name,
		),
		"paths": [tested],
		"bad": {"no selection": [{"op": "remove", "path": "/resources/selection"}]},
	},
	"cluster of databases": {
		"subject": "store",
		"good": document({"type": "aws:rds/cluster:Cluster", "inputs": {"engine": "aurora-postgresql", "tags": tags}}, by_tag),
		"paths": [tested],
		"bad": {"no selection": [{"op": "remove", "path": "/resources/selection"}]},
	},
}

test_good if harness.good("BCK-001", fixtures)

test_bad if harness.bad("BCK-001", fixtures)

test_absent if harness.absent("BCK-001", fixtures)

test_null if harness.null_("BCK-001", fixtures)

test_empty if harness.empty("BCK-001", fixtures)

test_unknown if harness.unknown("BCK-001", fixtures)
