# METADATA
# scope: package
# title: The cloud's own services are reached by private endpoints
# custom:
#   id: NET-008
#   severity: medium
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:ec2/vpc:Vpc", "azure-native:storage:StorageAccount", "azure-native:keyvault:Vault", "azure-native:containerregistry:Registry"]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T4.5.2, ISO-27001:2022 8.21]
#   remediation: Give every Vpc a VpcEndpoint for each of s3 (`vpcEndpointType` Gateway), ecr.api, ecr.dkr, kms, sts and logs (Interface, `privateDnsEnabled` true), with `serviceName` com.amazonaws.REGION.SERVICE; every storage account, vault and registry a PrivateEndpoint whose `privateLinkServiceConnections` name its id and group.
#   owner: platform
package falaj.rules.net_008

import data.falaj.graph
import data.falaj.place
import data.falaj.subject

services := {"s3", "ecr.api", "ecr.dkr", "kms", "sts", "logs"}

want(service) := sprintf("com.amazonaws.%s.%s, with private DNS, in a VpcEndpoint of the network", [place.regions("aws"), service])

# Whether what an endpoint leads to, and how, makes it the way to a service. A type that is absent is Gateway.
serves(endpoint, "s3") if {
	object.get(endpoint, "vpcEndpointType", null) in {null, "Gateway"}
	leads(endpoint, "s3")
}

# Without private DNS, clients pass it by.
serves(endpoint, service) if {
	endpoint.vpcEndpointType == "Interface"
	endpoint.privateDnsEnabled == true
	leads(endpoint, service)
}

leads(endpoint, service) if {
	some region in input.params.regions.aws
	endpoint.serviceName == concat(".", ["com.amazonaws", region, service])
}

# What is not known about an endpoint may yet make it one for the service.
may_serve(endpoint, _) if subject.at(endpoint, "serviceName") == {"$unknown": true}

may_serve(endpoint, service) if {
	{"$unknown": true} in {subject.at(endpoint, "vpcEndpointType"), subject.at(endpoint, "privateDnsEnabled")}
	leads(endpoint, service)
}

reached(endpoints, service) if {
	some endpoint in endpoints
	serves(endpoint, service)
} else := {"$unknown": true} if {
	some endpoint in endpoints
	may_serve(endpoint, service)
} else := null

# The groups of each that a private endpoint may be for.
groups := {
	"azure-native:storage:StorageAccount": {"blob", "dfs", "file", "queue", "table", "web"},
	"azure-native:keyvault:Vault": {"vault"},
	"azure-native:containerregistry:Registry": {"registry"},
}

connection := "privateLinkServiceConnections[0]"

wants_connection(type) := {
	id: "its id, in a PrivateEndpoint",
	group: concat(" or ", groups[type]),
}

id := concat(".", [connection, "privateLinkServiceId"])

group := concat(".", [connection, "groupIds"])

results := object.union_n([
	{urn: verdict |
		some urn, _ in subject.by_type["aws:ec2/vpc:Vpc"]
		endpoints := [endpoint.inputs |
			some endpoint in graph.pointing(urn, "aws:ec2/vpcEndpoint:VpcEndpoint", "vpcId")
			graph.given(endpoint, "vpcId")
		]
		facts := {service: reached(endpoints, service) | some service in services}
		wants := {service: want(service) | some service in services}
		right := {service | some service, fact in facts; fact == true}
		verdict := subject.judge(facts, wants, right)
	},
	{urn: verdict |
		some type, allowed in groups
		some urn, _ in subject.by_type[type]
		verdicts := [subject.judge(endpoint.inputs, wants_connection(type), right) |
			some endpoint in graph.pointing(urn, "azure-native:network:PrivateEndpoint", id)
			right := {id | graph.given(endpoint, id)} | {group | within(subject.at(endpoint.inputs, group), allowed)}
		]
		verdict := subject.best(verdicts, wants_connection(type))
	},
])

within(names, allowed) if {
	is_array(names)
	count(names) > 0
	every name in names { name in allowed }
}
