# METADATA
# scope: package
# title: Nothing holds data of a higher class than it says
# custom:
#   id: TAG-002
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:s3/bucket:Bucket", "aws:ebs/volume:Volume", "aws:efs/fileSystem:FileSystem", "aws:fsx/lustreFileSystem:LustreFileSystem", "aws:rds/instance:Instance", "aws:rds/cluster:Cluster", "aws:dynamodb/table:Table", "aws:elasticache/replicationGroup:ReplicationGroup", "aws:sqs/queue:Queue", "aws:sns/topic:Topic", "aws:ec2/instance:Instance", "aws:lambda/function:Function", "aws:eks/cluster:Cluster", "azure-native:storage:StorageAccount", "azure-native:compute:Disk", "azure-native:dbforpostgresql:Server", "azure-native:containerservice:ManagedCluster", "kubernetes:core:Namespace"]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T1.3.3, ISO-27001:2022 5.12, GDPR 25]
#   remediation: Set the tag `data-class` to public, internal, confidential or restricted, no higher than the stack's `data_class` and no lower than that of anything it reads.
#   owner: platform
package falaj.rules.tag_002

import data.falaj.subject
import data.falaj.tags

rank := {"public": 0, "internal": 1, "confidential": 2, "restricted": 3}

most := object.get(input, ["stack", "data_class"], null)

holders := subject.of(rego.metadata.chain())

# {urn: {"tags": …}} of all that holds or handles data.
facts := {urn: tags.of(resource) | some urn, resource in holders}

paths := {"tags": "tags.data-class", "labels": "labels.data-class"}

classes := {urn: subject.at(fact, paths[root]) | some urn, fact in facts; some root, _ in fact}

# What a resource depends on and is not known to be of its class or lower. One of no class of its own is judged for that.
reads(urn, resource) := [told |
	own := rank[classes[urn]]
	some urns in object.get(resource, "edges", {})
	some source in urns
	theirs := classes[source]
	not fits(theirs, own)
	told := open_or(theirs, source)
]

fits(theirs, own) if rank[theirs] <= own

open_or(theirs, source) := theirs if theirs == {"$unknown": true}

else := source

verdict(urn, resource) := subject.judge(values, wants, right) if {
	some root, found in facts[urn]
	values := {root: found, "reads": reads(urn, resource)}
	wants := {paths[root]: allowed, "reads": "nothing of a higher class, or of none"}
	right := {paths[root] | rank[classes[urn]] <= rank[most]} | {"reads" | count(values.reads) == 0}
}

allowed := sprintf("one of public, internal, confidential and restricted, and not above the stack's, which is %s", [subject.shown(most)])

results := {urn: verdict(urn, resource) | some urn, resource in holders}
