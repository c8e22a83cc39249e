package falaj_test.gpu_001

import data.falaj_test.cases
import data.falaj_test.harness

image := "123456789012.dkr.ecr.me-central-1.amazonaws.com/ray@sha256:00"

tolerations := [{"key": "nvidia.com/gpu", "operator": "Equal", "value": "present", "effect": "NoSchedule"}]

pod(gpus) := {"spec": {
	"tolerations": tolerations,
	"containers": [{"name": "ray", "image": image, "resources": {"limits": {"nvidia.com/gpu": gpus}}}, {"name": "logs", "image": image}],
}}

cluster(groups) := {
	"rayVersion": "2.60.0",
	"headGroupSpec": {"rayStartParams": {}, "template": {"spec": {"containers": [{"name": "ray", "image": image}]}}},
	"workerGroupSpecs": groups,
}

ray(kind, spec) := {
	"type": concat("", ["kubernetes:ray.io/v1:", kind]),
	"inputs": {"apiVersion": "ray.io/v1", "kind": kind, "metadata": {"name": "ray", "namespace": "team"}, "spec": spec},
}

workload(kind, spec) := {
	"type": concat("", ["kubernetes:", kind]),
	"inputs": {"metadata": {"name": "app", "namespace": "team"}, "spec": spec},
}

selected(replicas) := {"replicas": replicas, "selector": {"matchLabels": {"app": "app"}}, "template": pod("1")}

eks := {
	"type": "aws:eks/nodeGroup:NodeGroup",
	"inputs": {
		"clusterName": "falaj",
		"nodeRoleArn": "arn:aws:iam::123456789012:role/node",
		"subnetIds": ["subnet-1"],
		"instanceTypes": ["g5.12xlarge", "g6.xlarge"],
		"scalingConfig": {"minSize": 0, "desiredSize": 0, "maxSize": 1},
		"taints": [{"key": "nvidia.com/gpu", "value": "present", "effect": "NO_SCHEDULE"}],
	},
}

block := {
	"type": "aws:eks/nodeGroup:NodeGroup",
	"inputs": object.union(object.remove(eks.inputs, ["instanceTypes"]), {"launchTemplate": {"id": cases.unknown, "version": "1"}}),
	"edges": {"launchTemplate.id": ["template"]},
}

template := {"type": "aws:ec2/launchTemplate:LaunchTemplate", "inputs": {"instanceType": "p5.4xlarge"}}

aks := {
	"type": "azure-native:containerservice/v20250801:AgentPool",
	"inputs": {
		"resourceGroupName": "falaj",
		"resourceName": "falaj",
		"vmSize": "Standard_NC24ads_A100_v4",
		"enableAutoScaling": true,
		"minCount": 0,
		"maxCount": 4,
		"nodeTaints": ["nvidia.com/gpu=present:NoSchedule"],
	},
}

elastic := {
	"type": "kubernetes:karpenter.sh/v1:NodePool",
	"inputs": {
		"apiVersion": "karpenter.sh/v1",
		"kind": "NodePool",
		"metadata": {"name": "l40s"},
		"spec": {
			"limits": {"cpu": "96", "nvidia.com/gpu": "8"},
			"template": {"spec": {
				"nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "l40s"},
				"requirements": [{"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["g6e.12xlarge"]}],
				"taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}],
			}},
		},
	},
}

plain_pool := object.union(elastic, {"inputs": {"spec": {
	"limits": {"cpu": "96"},
	"template": {"spec": {"requirements": [{"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["m7i.4xlarge"]}], "taints": []}},
}}})

worker := "/resources/ray/inputs/spec/workerGroupSpecs/0"

in_(base, below) := concat("/", [base, below])

gpu := "template/spec/containers/0/resources/limits/nvidia.com~1gpu"

fixtures := {
	"cluster": {
		"subject": "stack",
		"good": {"params": harness.params, "resources": {"ray": ray("RayCluster", cluster([
			{"groupName": "gpu", "maxReplicas": 2, "numOfHosts": 2, "rayStartParams": {}, "template": pod("2")},
			{"groupName": "cpu", "rayStartParams": {}, "template": {"spec": {"containers": [{"name": "ray", "image": image}]}}},
		]))}},
		"paths": [
			in_(worker, "maxReplicas"),
			in_(worker, gpu),
			in_(worker, "template/spec/tolerations"),
			in_(worker, "template/spec/tolerations/0/key"),
			in_(worker, "numOfHosts"),
			"/params/max_gpus",
		],
		"bad": {
			"too many": [{"op": "replace", "path": in_(worker, "maxReplicas"), "value": 3}],
			"too many by request": [{"op": "replace", "path": in_(worker, "template/spec/containers/0/resources"), "value": {"requests": {"nvidia.com/gpu": 3}}}],
			"too many with others": [{"op": "add", "path": "/resources/pod", "value": workload("core/v1:Pod", {
				"tolerations": [{"operator": "Exists"}],
				"containers": [{"name": "app", "image": image, "resources": {"limits": {"nvidia.com/gpu": "1"}}}],
			})}],
			"too many whatever others claim": [
				{"op": "replace", "path": in_(worker, "maxReplicas"), "value": 3},
				{"op": "add", "path": "/resources/app", "value": workload("apps/v1:Deployment", selected(cases.unknown))},
			],
			"another toleration": [{"op": "replace", "path": in_(worker, "template/spec/tolerations/0/key"), "value": "team"}],
		},
		# Without GPUs nothing is asked. One host is the default; a number of hosts that is none counts for nothing good.
		"expect": {
			"absent": {in_(worker, gpu): "nothing", in_(worker, "numOfHosts"): "pass", "/params/max_gpus": "pass"},
			"null": {in_(worker, gpu): "nothing", in_(worker, "numOfHosts"): "pass"},
			"unknown": {"/params/max_gpus": "fail"},
		},
	},
	"workloads": {
		"subject": "stack",
		"good": {"resources": {
			"deployment": workload("apps/v1:Deployment", selected(2)),
			"idle": workload("apps/v1:ReplicaSet", selected(0)),
			"set": workload("apps/v1:StatefulSet", object.union(selected(1), {"serviceName": "app"})),
			"job": workload("batch/v1:Job", {"parallelism": 2, "template": pod("1")}),
			"cron": workload("batch/v1:CronJob", {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"parallelism": 1, "template": pod("1")}}}),
			"service": ray("RayService", {"rayClusterConfig": cluster([{"groupName": "gpu", "maxReplicas": 1, "rayStartParams": {}, "template": pod("1")}])}),
			"train": ray("RayJob", {"entrypoint": "python train.py", "rayClusterSpec": cluster([{"groupName": "gpu", "maxReplicas": 1, "rayStartParams": {}, "template": pod("1")}])}),
			"pools": eks,
		}},
		"paths": [
			"/resources/service/inputs/spec/rayClusterConfig/workerGroupSpecs/0/maxReplicas",
			"/resources/train/inputs/spec/rayClusterSpec/workerGroupSpecs/0/maxReplicas",
			"/resources/job/inputs/spec/template/spec/tolerations",
		],
		"bad": {
			"too many replicas": [{"op": "replace", "path": "/resources/deployment/inputs/spec/replicas", "value": 3}],
			"too many at once": [{"op": "replace", "path": "/resources/job/inputs/spec/parallelism", "value": 3}],
			"too many at night": [{"op": "replace", "path": "/resources/cron/inputs/spec/jobTemplate/spec/parallelism", "value": 3}],
			"on every node": [{"op": "replace", "path": "/resources/set/type", "value": "kubernetes:apps/v1:DaemonSet"}],
		},
	},
	"block": {
		"subject": "stack",
		"good": {"resources": {"pool": block, "template": template}},
		"paths": ["/resources/pool/inputs/taints", "/resources/pool/inputs/scalingConfig/maxSize"],
		"bad": {
			"too many": [{"op": "replace", "path": "/resources/pool/inputs/scalingConfig/maxSize", "value": 20}],
			"of a kind that is not listed": [{"op": "replace", "path": "/resources/template/inputs/instanceType", "value": "p9.metal"}],
		},
	},
	"pools of Karpenter": {
		"subject": "stack",
		"good": {"resources": {"l40s": elastic, "cpu": object.union(plain_pool, {"inputs": {"spec": {"limits": {"nvidia.com/gpu": "900"}}}})}},
		"paths": [
			"/resources/l40s/inputs/spec/limits/nvidia.com~1gpu",
			"/resources/l40s/inputs/spec/limits",
			"/resources/l40s/inputs/spec/template/spec/taints",
			"/resources/l40s/inputs/spec/template/spec/taints/0/effect",
			"/resources/cpu/inputs/spec/template/spec/requirements",
			"/resources/cpu/inputs/spec/template/spec/requirements/0/values",
		],
		"bad": {
			"too many": [{"op": "replace", "path": "/resources/l40s/inputs/spec/limits/nvidia.com~1gpu", "value": "9"}],
			"too many with a group": [{"op": "add", "path": "/resources/eks", "value": eks}],
			"of any type": [{"op": "remove", "path": "/resources/cpu/inputs/spec/template/spec/requirements/0"}],
			"of all types but one": [{"op": "replace", "path": "/resources/cpu/inputs/spec/template/spec/requirements/0/operator", "value": "NotIn"}],
			"another taint": [{"op": "replace", "path": "/resources/l40s/inputs/spec/template/spec/taints/0/key", "value": "team"}],
		},
		# Where its types are not known, a limit that is too high is too high all the same.
		"expect": {"unknown": {path: "fail" | some path in [
			"/resources/cpu/inputs/spec/template/spec/requirements",
			"/resources/cpu/inputs/spec/template/spec/requirements/0/values",
		]}},
	},
	"nodes": {
		"subject": "stack",
		"good": {"resources": {
			"eks": eks,
			"aks": aks,
			"cpu": object.union(eks, {"inputs": {"instanceTypes": ["m7i.large"], "scalingConfig": {"maxSize": 90}, "taints": []}}),
		}},
		"paths": [
			"/resources/eks/inputs/scalingConfig/maxSize",
			"/resources/eks/inputs/scalingConfig",
			"/resources/eks/inputs/taints",
			"/resources/eks/inputs/taints/0/key",
			"/resources/eks/inputs/taints/0/effect",
			"/resources/aks/inputs/maxCount",
			"/resources/aks/inputs/nodeTaints",
			"/resources/aks/inputs/nodeTaints/0",
		],
		"bad": {
			"too many": [{"op": "replace", "path": "/resources/eks/inputs/scalingConfig/maxSize", "value": 2}],
			"larger ones": [{"op": "replace", "path": "/resources/eks/inputs/instanceTypes/0", "value": "p5.48xlarge"}],
			"of a kind that is not listed": [{"op": "replace", "path": "/resources/eks/inputs/instanceTypes/1", "value": "p9.metal"}],
			"of one size": [{"op": "replace", "path": "/resources/aks/inputs/enableAutoScaling", "value": false}],
			"another taint": [{"op": "replace", "path": "/resources/aks/inputs/nodeTaints/0", "value": "sku=gpu:NoSchedule"}],
		},
	},
}

test_good if harness.good("GPU-001", fixtures)

test_bad if harness.bad("GPU-001", fixtures)

test_absent if harness.absent("GPU-001", fixtures)

test_null if harness.null_("GPU-001", fixtures)

test_empty if harness.empty("GPU-001", fixtures)

test_unknown if harness.unknown("GPU-001", fixtures)

# A stack without GPUs is not asked.
test_none if {
	results := harness.results("GPU-001") with input as harness.document({"resources": {"vpc": {"type": "aws:ec2/vpc:Vpc", "inputs": {}}}})
	results == {}
}

# What is not known yet may be within the number.
test_unknown_claims if {
	good := object.union(fixtures.cluster.good, {"resources": {"app": workload("apps/v1:Deployment", selected(cases.unknown))}})
	harness.verdict("GPU-001", fixtures.cluster, good) == "indeterminate"
}

# A toleration of everything tolerates this, too.
test_any_toleration if {
	patch := [{"op": "replace", "path": in_(worker, "template/spec/tolerations"), "value": [{"operator": "Exists"}]}]
	harness.verdict("GPU-001", fixtures.cluster, json.patch(fixtures.cluster.good, patch)) == "pass"
}
