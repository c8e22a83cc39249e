# METADATA
# scope: package
# title: Everything says whose it is and what it is for
# custom:
#   id: TAG-001
#   severity: medium
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:s3/bucket:Bucket", "aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey", "aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/securityGroup:SecurityGroup", "aws:ec2/instance:Instance", "aws:ec2/launchTemplate:LaunchTemplate", "aws:ec2/natGateway:NatGateway", "aws:ec2/vpcEndpoint:VpcEndpoint", "aws:ec2/flowLog:FlowLog", "aws:ebs/volume:Volume", "aws:efs/fileSystem:FileSystem", "aws:fsx/lustreFileSystem:LustreFileSystem", "aws:eks/cluster:Cluster", "aws:eks/nodeGroup:NodeGroup", "aws:ecr/repository:Repository", "aws:rds/instance:Instance", "aws:rds/cluster:Cluster", "aws:dynamodb/table:Table", "aws:elasticache/replicationGroup:ReplicationGroup", "aws:sqs/queue:Queue", "aws:sns/topic:Topic", "aws:lambda/function:Function", "aws:lb/loadBalancer:LoadBalancer", "aws:secretsmanager/secret:Secret", "aws:iam/role:Role", "aws:cloudwatch/logGroup:LogGroup", "aws:cloudtrail/trail:Trail", "aws:backup/vault:Vault", "aws:backup/plan:Plan", "azure-native:resources:ResourceGroup", "azure-native:storage:StorageAccount", "azure-native:keyvault:Vault", "azure-native:compute:Disk", "azure-native:compute:DiskEncryptionSet", "azure-native:containerservice:ManagedCluster", "azure-native:containerregistry:Registry", "azure-native:network:VirtualNetwork", "azure-native:network:NetworkSecurityGroup", "azure-native:network:PrivateEndpoint", "azure-native:operationalinsights:Workspace", "azure-native:dbforpostgresql:Server", "azure-native:recoveryservices:Vault", "azure-native:managedidentity:UserAssignedIdentity", "kubernetes:core:Namespace"]
#   on_unknown: defer
#   controls: [UAE-IA T1.2.2, UAE-IA T1.3.2, ISO-27001:2022 5.9, ISO-27001:2022 5.13, UAE-PDPL 7]
#   remediation: Set the missing `tags`, best once in the AWS provider's `defaultTags`; of a Namespace its `metadata.labels`.
#   owner: platform
package falaj.rules.tag_001

import data.falaj.subject
import data.falaj.tags

asked := object.get(input, ["params", "required_tags"], null)

# {tag: its path} below `tags` and below `labels`.
paths := {root: {tag: path | some tag in asked; path := sprintf("%s.%s", [root, tag])} | some root in ["tags", "labels"]}

# Without tags to ask for, nothing is right.
wants(root) := {path: "a text that says something" | some path in paths[root]} if {
	is_array(asked)
	count(asked) > 0
}

else := {"params.required_tags": "the tags that are mandatory"}

verdict(values) := subject.judge(values, wants(root), right) if {
	some root, found in values
	right := {path | some tag, path in paths[root]; subject.named(found[tag])}
}

results := {urn: verdict(tags.of(resource)) | some urn, resource in subject.of(rego.metadata.chain())}
