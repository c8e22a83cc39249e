package falaj_test.log_001

import data.falaj_test.cases
import data.falaj_test.harness

setting := "/resources/audit/inputs"

fixtures := {
	"eks": {
		"subject": "cluster",
		"good": {"resources": {"cluster": {
			"type": "aws:eks/cluster:Cluster",
			"inputs": {
				"roleArn": "arn:aws:iam::123456789012:role/cluster",
				"vpcConfig": {"subnetIds": ["subnet-0", "subnet-1"]},
				"enabledClusterLogTypes": ["api", "audit", "authenticator", "controllerManager", "scheduler"],
			},
		}}},
		"paths": [
			"/resources/cluster/inputs/enabledClusterLogTypes",
			"/resources/cluster/inputs/enabledClusterLogTypes/1",
		],
		"bad": {"no audit": [{
			"op": "replace",
			"path": "/resources/cluster/inputs/enabledClusterLogTypes",
			"value": ["api", "authenticator", "controllerManager", "scheduler"],
		}]},
	},
	"aks": {
		"subject": "cluster",
		"good": {"resources": {
			"cluster": {
				"type": "azure-native:containerservice:ManagedCluster",
				"inputs": {"resourceGroupName": "region", "location": "uaenorth"},
			},
			"logs": {
				"type": "azure-native:operationalinsights:Workspace",
				"inputs": {"resourceGroupName": "region", "location": "uaenorth", "retentionInDays": 365},
			},
			"audit": {
				"type": "azure-native:monitor:DiagnosticSetting",
				"inputs": {
					"name": "audit",
					"resourceUri": cases.unknown,
					"workspaceId": cases.unknown,
					"logs": [{"categoryGroup": "audit", "enabled": true}],
				},
				"edges": {"resourceUri": ["cluster"], "workspaceId": ["logs"]},
			},
		}},
		"paths": [
			concat("/", [setting, "resourceUri"]),
			concat("/", [setting, "workspaceId"]),
			concat("/", [setting, "logs"]),
			concat("/", [setting, "logs/0"]),
			concat("/", [setting, "logs/0/categoryGroup"]),
			concat("/", [setting, "logs/0/enabled"]),
			"/resources/audit/edges/resourceUri",
			"/resources/audit/edges/workspaceId",
		],
		"bad": {
			"no setting": [{"op": "remove", "path": "/resources/audit"}],
			"switched off": [{"op": "replace", "path": concat("/", [setting, "logs/0/enabled"]), "value": false}],
			"metrics only": [{"op": "remove", "path": concat("/", [setting, "logs"])}],
			"a category of little use": [{
				"op": "replace",
				"path": concat("/", [setting, "logs"]),
				"value": [{"category": "kube-scheduler", "enabled": true}],
			}],
			"writes only": [{
				"op": "replace",
				"path": concat("/", [setting, "logs"]),
				"value": [{"category": "kube-audit-admin", "enabled": true}, {"category": "guard", "enabled": true}],
			}],
			"to a storage account": [
				{"op": "remove", "path": concat("/", [setting, "workspaceId"])},
				{"op": "add", "path": concat("/", [setting, "storageAccountId"]), "value": "/subscriptions/s/resourceGroups/g"},
			],
		},
		# What the values are is not known here: the edges say which cluster is logged, and to where.
		"expect": {
			"absent": {"/resources/audit/edges/workspaceId": "indeterminate"},
			"null": {"/resources/audit/edges/workspaceId": "indeterminate"},
			"empty": {"/resources/audit/edges/workspaceId": "indeterminate"},
			"unknown": {
				concat("/", [setting, "resourceUri"]): "pass",
				concat("/", [setting, "workspaceId"]): "pass",
				"/resources/audit/edges/resourceUri": "fail",
			},
		},
	},
	"aks by category": {
		"subject": "cluster",
		"good": {"resources": {
			"cluster": {"type": "azure-native:containerservice:ManagedCluster", "inputs": {"resourceGroupName": "region"}},
			"audit": {
				"type": "azure-native:monitor:DiagnosticSetting",
				"inputs": {
					"resourceUri": "/subscriptions/s/resourceGroups/region/providers/Microsoft.ContainerService/managedClusters/region",
					"workspaceId": "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/logs",
					"logs": [{"category": "kube-audit", "enabled": true}, {"category": "guard", "enabled": true}],
				},
				"edges": {"resourceUri": ["cluster"]},
			},
		}},
		"paths": [
			concat("/", [setting, "workspaceId"]),
			concat("/", [setting, "logs/0/category"]),
			concat("/", [setting, "logs/1/enabled"]),
		],
		"bad": {"another resource for a workspace": [{
			"op": "replace",
			"path": concat("/", [setting, "workspaceId"]),
			"value": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/logs",
		}]},
	},
}

test_good if harness.good("LOG-001", fixtures)

test_bad if harness.bad("LOG-001", fixtures)

test_absent if harness.absent("LOG-001", fixtures)

test_null if harness.null_("LOG-001", fixtures)

test_empty if harness.empty("LOG-001", fixtures)

test_unknown if harness.unknown("LOG-001", fixtures)
