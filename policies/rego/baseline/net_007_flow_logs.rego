# METADATA
# scope: package
# title: Networks log their traffic
# custom:
#   id: NET-007
#   severity: medium
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:ec2/vpc:Vpc", "azure-native:network:VirtualNetwork"]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T3.6.3, ISO-27001:2022 8.16]
#   remediation: Give every Vpc a FlowLog with its `vpcId`, `trafficType` ALL and a `logDestination` in the country (a log group or bucket of this stack); every VirtualNetwork a FlowLog with its id as `targetResourceId`, `enabled` true and no `enabledFilteringCriteria`.
#   owner: platform
package falaj.rules.net_007

import data.falaj.graph
import data.falaj.place
import data.falaj.subject

# How each cloud's flow log names its network. Azure makes no flow logs of security groups any more: its network's has them.
networks := {
	"aws:ec2/vpc:Vpc": {"log": "aws:ec2/flowLog:FlowLog", "path": "vpcId"},
	"azure-native:network:VirtualNetwork": {"log": "azure-native:network:FlowLog", "path": "targetResourceId"},
}

wants := {
	"aws:ec2/vpc:Vpc": {
		"trafficType": "ALL in a FlowLog of the network",
		"logDestination": "a log group or bucket in an allowed region",
	},
	"azure-native:network:VirtualNetwork": {
		"enabled": "true in a FlowLog of the network",
		"enabledFilteringCriteria": "absent, for all traffic",
	},
}

stores := ["aws:cloudwatch/logGroup:LogGroup", "aws:s3/bucket:Bucket", "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"]

holds("trafficType", log) if log.inputs.trafficType == "ALL"

holds("logDestination", log) if place.stays(log, "logDestination", stores)

holds("enabled", log) if log.inputs.enabled == true

holds("enabledFilteringCriteria", log) if subject.at(log.inputs, "enabledFilteringCriteria") == null

results := {urn: verdict |
	some type, network in networks
	some urn, _ in subject.by_type[type]
	verdicts := [subject.judge(log.inputs, wants[type], right) |
		some log in graph.pointing(urn, network.log, network.path)
		graph.given(log, network.path)
		right := {path | some path, _ in wants[type]; holds(path, log)}
	]
	verdict := subject.best(verdicts, wants[type])
}
