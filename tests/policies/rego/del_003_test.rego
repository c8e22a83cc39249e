package falaj_test.del_003

import data.falaj_test.cases
import data.falaj_test.harness

one(type, inputs, ignored, bad) := {
	"subject": "it",
	"good": {"resources": {"it": {
		"type": type,
		"inputs": inputs,
		"options": {"protect": false, "ignore_changes": ignored, "aliases": []},
	}}},
	"paths": [sprintf("/resources/it/options/ignore_changes/%d", [index]) | some index, _ in ignored],
	"bad": {path: [{"op": "add", "path": "/resources/it/options/ignore_changes/-", "value": path}] | some path in bad},
	# One path less is right.
	"expect": {"absent": {sprintf("/resources/it/options/ignore_changes/%d", [index]): "pass" | some index, _ in ignored}},
}

fixtures := {
	"nodes": one(
		"aws:eks/nodeGroup:NodeGroup",
		{
			"clusterName": "falaj",
			"nodeRoleArn": "arn:aws:iam::123456789012:role/node",
			"subnetIds": ["subnet-1"],
			"scalingConfig": {"minSize": 0, "desiredSize": 1, "maxSize": 4},
			"tags": {"team": "falaj"},
		},
		["scalingConfig.desiredSize", "scalingConfig[\"min_size\"]", "amiType"],
		["*", "tags", "tags[\"team\"]", "tags_all", "subnetIds", "scalingConfig.*", "taints[0]", "remoteAccess.sourceSecurityGroupIds", "nodeRoleArn", "node_role_arn"],
	),
	"encryption": one(
		"aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
		{"bucket": "lake", "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}]},
		["expectedBucketOwner"],
		["rules", "rules[0]", "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm", "region"],
	),
	"vault": one(
		"azure-native:keyvault/v20250501:Vault",
		{"resourceGroupName": "data", "properties": {"tenantId": "0", "sku": {"family": "A", "name": "premium"}, "networkAcls": {"defaultAction": "Deny"}}},
		["properties.vaultUri"],
		["properties", "properties.networkAcls", "properties.publicNetworkAccess", "properties.enableRbacAuthorization", "location"],
	),
	"deployment": one(
		"kubernetes:apps/v1:Deployment",
		{"metadata": {"name": "app"}, "spec": {"replicas": 1, "selector": {}, "template": {}}},
		["metadata.generateName"],
		["spec", "spec.replicas", "spec.template.spec.containers[0].securityContext", "metadata", "metadata.labels"],
	),
	"cluster": one(
		"aws:eks/cluster:Cluster",
		{"name": "falaj", "roleArn": "arn:aws:iam::123456789012:role/eks", "vpcConfig": {"subnetIds": ["subnet-1"], "endpointPublicAccess": false}, "kubernetesNetworkConfig": {"elasticLoadBalancing": {"enabled": false}}},
		["kubernetesNetworkConfig.elasticLoadBalancing"],
		["vpcConfig", "vpcConfig.endpointPublicAccess", "encryptionConfig", "accessConfig.authenticationMode"],
	),
	"template": one(
		"aws:ec2/launchTemplate:LaunchTemplate",
		{"imageId": "ami-0123456789abcdef0", "networkInterfaces": [{"associatePublicIpAddress": "false", "deviceIndex": 0}]},
		["defaultVersion"],
		["networkInterfaces", "metadataOptions.httpTokens"],
	),
}

test_good if harness.good("DEL-003", fixtures)

test_bad if harness.bad("DEL-003", fixtures)

test_absent if harness.absent("DEL-003", fixtures)

test_null if harness.null_("DEL-003", fixtures)

test_empty if harness.empty("DEL-003", fixtures)

test_unknown if harness.unknown("DEL-003", fixtures)

# A list that is not there ignores nothing; one that is none is refused, one that is not known is not known.
test_lists if {
	every list, result in {null: "pass", "": "pass", {}: "pass", []: "pass", "tags": "fail", cases.unknown: "indeterminate"} {
		good := json.patch(fixtures.nodes.good, [{"op": "replace", "path": "/resources/it/options/ignore_changes", "value": list}])
		harness.verdict("DEL-003", fixtures.nodes, good) == result
	}
	harness.verdict("DEL-003", fixtures.nodes, json.remove(fixtures.nodes.good, ["/resources/it/options"])) == "pass"
}
