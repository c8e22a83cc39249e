# METADATA
# scope: package
# title: Everything is in an allowed region
# custom:
#   id: RES-001
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["aws:*", "azure-native:*", "pulumi:providers:aws", "pulumi:providers:azure-native"]
#   on_unknown: deny
#   controls: [UAE-PDPL 22, UAE-PDPL 23, UAE-ICT-HEALTH 13, CBUAE-OUTSOURCING 6.1, DIFC-DPL 26, ADGM-DPR 40, GDPR 44, ISO-27001:2022 5.31, ISO-27001:2022 5.23, UAE-IA T6.3.1]
#   remediation: Set `region` of the AWS provider and drop it from the resource; set `location` of the azure-native provider or of the resource.
#   owner: platform
package falaj.rules.res_001

import data.falaj.place
import data.falaj.subject

# Services of AWS without a region; none of their types has a `region` of its own.
regionless := {"aws:account", "aws:budgets", "aws:cloudfront", "aws:costexplorer", "aws:iam", "aws:organizations", "aws:shield"}

# Types without a place. Those of Azure are parts of a resource that has one, or definitions; with a `location` they are
# judged by it.
placeless := {
	"aws:route53/healthCheck:HealthCheck",
	"aws:route53/record:Record",
	"aws:route53/zone:Zone",
	"aws:route53/zoneAssociation:ZoneAssociation",
	"aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
	"azure-native:authorization:ManagementLockByScope",
	"azure-native:authorization:PolicyAssignment",
	"azure-native:authorization:PolicyDefinition",
	"azure-native:authorization:RoleAssignment",
	"azure-native:authorization:RoleDefinition",
	"azure-native:consumption:Budget",
	"azure-native:containerregistry:CacheRule",
	"azure-native:containerregistry:ScopeMap",
	"azure-native:containerservice:AgentPool",
	"azure-native:containerservice:MaintenanceConfiguration",
	"azure-native:dataprotection:BackupInstance",
	"azure-native:dataprotection:BackupPolicy",
	"azure-native:dbforpostgresql:Configuration",
	"azure-native:dbforpostgresql:Database",
	"azure-native:dbforpostgresql:FirewallRule",
	"azure-native:eventhub:EventHub",
	"azure-native:eventhub:NamespaceAuthorizationRule",
	"azure-native:keyvault:AccessPolicy",
	"azure-native:keyvault:Key",
	"azure-native:keyvault:Secret",
	"azure-native:kubernetesconfiguration:Extension",
	"azure-native:managedidentity:FederatedIdentityCredential",
	"azure-native:monitor:DataCollectionRuleAssociation",
	"azure-native:monitor:DiagnosticSetting",
	"azure-native:monitor:SubscriptionDiagnosticSetting",
	"azure-native:network:PrivateDnsZoneGroup",
	"azure-native:network:Route",
	"azure-native:network:SecurityRule",
	"azure-native:network:Subnet",
	"azure-native:network:VirtualNetworkPeering",
	"azure-native:operationalinsights:Table",
	"azure-native:privatedns:PrivateRecordSet",
	"azure-native:security:Pricing",
	"azure-native:storage:BlobContainer",
	"azure-native:storage:BlobContainerImmutabilityPolicy",
	"azure-native:storage:BlobInventoryPolicy",
	"azure-native:storage:BlobServiceProperties",
	"azure-native:storage:FileShare",
	"azure-native:storage:ManagementPolicy",
	"azure-native:storage:ObjectReplicationPolicy",
	"pulumi:providers:azure-native",
}

# Types whose only location is `global`: names and alerts.
global := {
	"azure-native:dns:Zone",
	"azure-native:monitor:ActionGroup",
	"azure-native:monitor:ActivityLogAlert",
	"azure-native:monitor:MetricAlert",
	"azure-native:privatedns:PrivateZone",
	"azure-native:privatedns:VirtualNetworkLink",
}

# The property that says where a cloud's resources are.
properties := {"aws": "region", "azure-native": "location"}

wants := {"region": place.regions("aws"), "location": place.regions("azure")}

# Everything is asked: in one piece, for adding up thousands of results one by one costs OPA more than the asking, and put
# into words only where it is not right.
results := {urn: judged(kind, property, urn, at, own) |
	some kind, resources in subject.by_type
	property := properties[split(trim_prefix(kind, "pulumi:providers:"), ":")[0]]
	some urn, resource in resources
	own := object.get(resource.inputs, property, null)
	at := first(own, object.get(resource, ["provider", property], null), object.get(resource.inputs, "$unknown", false))
}

first(_, _, true) := {"$unknown": true}

first(own, _, false) := own if own != null

first(null, given, false) := given

judged(kind, property, urn, at, own) := subject.passed if right(kind, property, urn, at, own)

else := subject.judge({property: at}, {property: wants[property]}, set())

right(_, "region", _, region, _) if region in input.params.regions.aws

right(_, "location", _, location, _) if place.normal(location) in input.params.regions.azure

# It may come from a group of this stack.
right(_, "location", urn, {"$unknown": true}, _) if place.home(input.resources[urn])

right(kind, "location", _, location, _) if {
	kind in global
	place.normal(location) == "global"
}

right(kind, _, _, _, _) if kind in unplaced

right(kind, _, _, _, null) if kind in placeless

unplaced contains kind if {
	some kind, _ in subject.by_type
	split(kind, "/")[0] in regionless
}
