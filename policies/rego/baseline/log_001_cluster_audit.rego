# METADATA
# scope: package
# title: Clusters log who did what
# custom:
#   id: LOG-001
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:eks/cluster:Cluster", "azure-native:containerservice:ManagedCluster"]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T3.6.2, ISO-27001:2022 8.15]
#   remediation: Set `enabledClusterLogTypes` to all five types; give a managed cluster a DiagnosticSetting with `resourceUri` its id, the category group `audit` or `allLogs` enabled and the `workspaceId` of a workspace of this stack.
#   owner: platform
package falaj.rules.log_001

import data.falaj.azure
import data.falaj.graph
import data.falaj.subject

types := {"api", "audit", "authenticator", "controllerManager", "scheduler"}

eks(cluster) := subject.judge(cluster.inputs, wants, right) if {
	wants := {"enabledClusterLogTypes": concat(", ", sort(types))}
	right := {"enabledClusterLogTypes" |
		logged := subject.at(cluster.inputs, "enabledClusterLogTypes")
		every type in types { type in logged }
	}
}

setting_wants := {
	"logs": "enabled for the category group audit or allLogs, or for kube-audit and guard",
	"workspaceId": "a workspace",
}

groups := {"audit", "allLogs"}

# kube-audit-admin leaves out who read what: it does not do in place of kube-audit.
categories := {"kube-audit", "guard"}

enabled(setting, kind) := {log[kind] |
	some log in setting.inputs.logs
	log.enabled == true
}

right(setting) := {"logs" | logs(setting)} | {"workspaceId" | workspace(setting)}

logs(setting) if count(enabled(setting, "categoryGroup") & groups) > 0

logs(setting) if count(categories - enabled(setting, "category")) == 0

workspace(setting) if azure.is_id(subject.at(setting.inputs, "workspaceId"), "Microsoft.OperationalInsights/workspaces")

workspace(setting) if graph.proven(setting, "workspaceId", ["azure-native:operationalinsights:Workspace"])

aks(urn) := subject.best(verdicts, setting_wants) if {
	verdicts := [subject.judge(setting.inputs, setting_wants, right(setting)) |
		some setting in graph.pointing(urn, "azure-native:monitor:DiagnosticSetting", "resourceUri")
		graph.given(setting, "resourceUri")
	]
}

results := object.union(
	{urn: eks(cluster) | some urn, cluster in subject.by_type["aws:eks/cluster:Cluster"]},
	{urn: aks(urn) | some urn, _ in subject.by_type["azure-native:containerservice:ManagedCluster"]},
)
