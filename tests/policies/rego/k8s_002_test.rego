package falaj_test.k8s_002

import data.falaj.driver as known
import data.falaj_test.cases
import data.falaj_test.harness

image := "123456789012.dkr.ecr.me-central-1.amazonaws.com/app@sha256:00"

secure := {
	"privileged": false,
	"allowPrivilegeEscalation": false,
	"readOnlyRootFilesystem": true,
	"runAsNonRoot": true,
	"capabilities": {"drop": ["ALL"]},
	"seccompProfile": {"type": "RuntimeDefault"},
}

pod := {"hostNetwork": false, "containers": [{"name": "app", "image": image, "securityContext": secure}]}

# A pod that says for its containers what they may leave to it.
saying := {
	"securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "Localhost", "localhostProfile": "falaj.json"}},
	"volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "conf", "configMap": {"name": cases.unknown}}],
	"initContainers": [{"name": "wait", "image": image, "securityContext": object.remove(secure, ["runAsNonRoot", "seccompProfile"])}],
	"containers": [{
		"name": "app",
		"image": image,
		"ports": [{"containerPort": 8080}],
		"securityContext": object.remove(secure, ["runAsNonRoot", "seccompProfile"]),
	}],
}

deployment(spec) := {"resources": {"app": {
	"type": "kubernetes:apps/v1:Deployment",
	"inputs": {
		"apiVersion": "apps/v1",
		"kind": "Deployment",
		"metadata": {"name": "app", "namespace": "team"},
		"spec": {"selector": {"matchLabels": {"app": "app"}}, "template": {"metadata": {"labels": {"app": "app"}}, "spec": spec}},
	},
}}}

spec := "/resources/app/inputs/spec/template/spec"

context := concat("/", [spec, "containers/0/securityContext"])

in_(base, path) := concat("/", [base, path])

ray(kind, body) := {"resources": {"app": {
	"type": concat("", ["kubernetes:ray.io/v1:", kind]),
	"inputs": {"apiVersion": "ray.io/v1", "kind": kind, "metadata": {"name": "ray", "namespace": "team"}, "spec": body},
}}}

cluster := {
	"rayVersion": "2.52.0",
	"headGroupSpec": {"rayStartParams": {}, "template": {"spec": pod}},
	"workerGroupSpecs": [{"groupName": "cpu", "rayStartParams": {}, "maxReplicas": 2, "template": {"spec": pod}}],
}

# A program that hands out a machine's GPUs, with all that it needs and no more.
driver(account, spec) := {"resources": {"app": {
	"type": "kubernetes:apps/v1:DaemonSet",
	"inputs": {
		"apiVersion": "apps/v1",
		"kind": "DaemonSet",
		"metadata": {"name": "app", "namespace": "gpu-operator"},
		"spec": {
			"selector": {"matchLabels": {"app": "app"}},
			"template": {"metadata": {"labels": {"app": "app"}}, "spec": object.union({"serviceAccountName": account}, spec)},
		},
	},
}}}

driver_image(account) := sprintf("123456789012.dkr.ecr.me-central-1.amazonaws.com/falaj/%s", [known.known[account].image])

plugin := {
	"volumes": [{"name": "kubelet", "hostPath": {"path": "/var/lib/kubelet/device-plugins"}}, {"name": "root", "hostPath": {"path": "/"}}],
	"containers": [{
		"name": "plugin",
		"image": driver_image("device-plugin"),
		"securityContext": object.union(secure, {"runAsNonRoot": false, "capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}),
		"volumeMounts": [{"name": "kubelet", "mountPath": "/var/lib/kubelet/device-plugins"}, {"name": "root", "mountPath": "/driver-root", "readOnly": true}],
	}],
}

divider := {
	"hostPID": true,
	"hostIPC": true,
	"volumes": [{"name": "host", "hostPath": {"path": "/"}}],
	"containers": [{
		"name": "divider",
		"image": driver_image("mig-manager"),
		"securityContext": object.union(secure, {"privileged": true, "allowPrivilegeEscalation": true, "runAsNonRoot": false}),
		"volumeMounts": [{"name": "host", "mountPath": "/host"}],
	}],
}

base := "/resources/app/inputs"

fixtures := {
	"device plugin": {
		"subject": "app",
		"good": driver("device-plugin", plugin),
		"paths": [in_(base, "metadata/namespace"), in_(spec, "serviceAccountName"), in_(spec, "containers/0/image"), in_(spec, "volumes/0/hostPath/path"), in_(spec, "volumes/1"), in_(spec, "containers/0/volumeMounts/1/readOnly"), context],
		"bad": {
			"another namespace": [{"op": "replace", "path": in_(base, "metadata/namespace"), "value": "ray"}],
			"another account": [{"op": "replace", "path": in_(spec, "serviceAccountName"), "value": "mig-manager"}],
			"another image": [{"op": "replace", "path": in_(spec, "containers/0/image"), "value": image}],
			"another digest": [{"op": "replace", "path": in_(spec, "containers/0/image"), "value": replace(driver_image("device-plugin"), "sha256:a6", "sha256:b6")}],
			"an image that only ends so": [{"op": "replace", "path": in_(spec, "containers/0/image"), "value": concat("", ["x", known.known["device-plugin"].image])}],
			"another image beside it": [{"op": "add", "path": in_(spec, "initContainers"), "value": [{"name": "in", "image": image, "securityContext": secure}]}],
			"a Deployment": [{"op": "replace", "path": "/resources/app/type", "value": "kubernetes:apps/v1:Deployment"}],
			"all privileges": [{"op": "replace", "path": in_(context, "privileged"), "value": true}],
			"another capability": [{"op": "replace", "path": in_(context, "capabilities/add"), "value": ["SYS_ADMIN", "SYS_MODULE"]}],
			"the node's processes": [{"op": "add", "path": in_(spec, "hostPID"), "value": true}],
			"another folder": [{"op": "replace", "path": in_(spec, "volumes/0/hostPath/path"), "value": "/var/lib/kubelet"}],
			"a system that it writes": [{"op": "remove", "path": in_(spec, "containers/0/volumeMounts/1/readOnly")}],
			"a system that is mounted twice": [{"op": "add", "path": in_(spec, "containers/0/volumeMounts/-"), "value": {"name": "root", "mountPath": "/host"}}],
		},
		# One volume less is right. Who is not known to be one of these is none.
		"expect": {
			"absent": {in_(spec, "volumes/1"): "pass"},
			"unknown": {path: "fail" | some path in [in_(base, "metadata/namespace"), in_(spec, "serviceAccountName"), in_(spec, "containers/0/image"), in_(spec, "containers/0/volumeMounts/1/readOnly")]},
		},
	},
	"device plugin in a namespace to come": {
		"subject": "app",
		"good": object.union(driver("device-plugin", plugin), {"resources": {
			"app": {"inputs": {"metadata": {"namespace": cases.unknown}}, "edges": {"metadata": ["space"]}},
			"space": {"type": "kubernetes:core/v1:Namespace", "inputs": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "gpu-operator"}}},
		}}),
		"paths": ["/resources/space/inputs/metadata/name", "/resources/app/edges"],
		"bad": {"another namespace": [{"op": "replace", "path": "/resources/space/inputs/metadata/name", "value": "ray"}]},
		"expect": {"unknown": {path: "fail" | some path in ["/resources/space/inputs/metadata/name", "/resources/app/edges"]}},
	},
	"MIG manager": {
		"subject": "app",
		"good": driver("mig-manager", divider),
		"paths": [in_(spec, "volumes/0/name"), in_(context, "readOnlyRootFilesystem"), in_(context, "capabilities/drop")],
		"bad": {
			"the node's network": [{"op": "add", "path": in_(spec, "hostNetwork"), "value": true}],
			"another folder": [{"op": "replace", "path": in_(spec, "volumes/0/hostPath/path"), "value": "/etc"}],
			"another account": [{"op": "replace", "path": in_(spec, "serviceAccountName"), "value": "device-plugin"}],
		},
	},
	"deployment": {
		"subject": "app",
		"good": deployment(pod),
		"paths": array.concat(
			[in_(context, path) | some path in ["allowPrivilegeEscalation", "readOnlyRootFilesystem", "runAsNonRoot", "capabilities/drop", "capabilities", "seccompProfile/type", "seccompProfile"]],
			[context, spec, in_(spec, "containers"), in_(spec, "containers/0"), in_(spec, "hostNetwork"), in_(context, "privileged"), "/resources/app/inputs/spec/template"],
		),
		"bad": {
			"privileged": [{"op": "replace", "path": in_(context, "privileged"), "value": true}],
			"more privileges later": [{"op": "replace", "path": in_(context, "allowPrivilegeEscalation"), "value": true}],
			"a capability": [{"op": "add", "path": in_(context, "capabilities/add"), "value": ["NET_ADMIN"]}],
			"one capability dropped": [{"op": "replace", "path": in_(context, "capabilities/drop"), "value": ["NET_RAW"]}],
			"root": [{"op": "replace", "path": in_(context, "runAsNonRoot"), "value": false}],
			"no seccomp": [{"op": "replace", "path": in_(context, "seccompProfile/type"), "value": "Unconfined"}],
			"the node's network": [{"op": "replace", "path": in_(spec, "hostNetwork"), "value": true}],
			"the node's processes": [{"op": "add", "path": in_(spec, "hostPID"), "value": true}],
			"the node's memory": [{"op": "add", "path": in_(spec, "hostIPC"), "value": true}],
			"the node's port": [{"op": "add", "path": in_(spec, "containers/0/ports"), "value": [{"containerPort": 80, "hostPort": 80}]}],
			"the node's disk": [{"op": "add", "path": in_(spec, "volumes"), "value": [{"name": "docker", "hostPath": {"path": "/var/run"}}]}],
			"volumes that are none": [{"op": "add", "path": in_(spec, "volumes"), "value": "none"}],
			"a second container": [{"op": "add", "path": in_(spec, "containers/-"), "value": {"name": "log", "image": image}}],
		},
		# Off where nothing is said, in Kubernetes itself.
		"expect": {
			"absent": {in_(spec, "hostNetwork"): "pass", in_(context, "privileged"): "pass"},
			"null": {in_(spec, "hostNetwork"): "pass", in_(context, "privileged"): "pass"},
		},
	},
	"said for all": {
		"subject": "app",
		"good": object.union(deployment(saying), {"resources": {
			"app": {"edges": {"spec": ["conf"]}},
			"conf": {"type": "kubernetes:core/v1:ConfigMap", "inputs": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "team"}, "data": {"a": "b"}}},
		}}),
		"paths": [in_(spec, "securityContext"), in_(spec, "securityContext/runAsNonRoot"), in_(spec, "securityContext/seccompProfile/type"), in_(spec, "volumes/0")],
		"bad": {
			"root in one": [{"op": "add", "path": in_(spec, "initContainers/0/securityContext/runAsNonRoot"), "value": false}],
			"the node's disk": [{"op": "add", "path": in_(spec, "volumes/0/hostPath"), "value": {"path": "/"}}],
			"an open first container": [{"op": "remove", "path": in_(spec, "initContainers/0/securityContext")}],
		},
		# One volume less is right.
		"expect": {"absent": {in_(spec, "volumes/0"): "pass"}},
	},
	"cluster": {
		"subject": "app",
		"good": ray("RayCluster", cluster),
		"paths": ["/resources/app/inputs/spec/workerGroupSpecs/0/template/spec", "/resources/app/inputs/spec/headGroupSpec", "/resources/app/inputs/spec"],
		"bad": {"an open head": [{"op": "remove", "path": "/resources/app/inputs/spec/headGroupSpec/template/spec/containers/0/securityContext"}]},
	},
	"job": {
		"subject": "app",
		"good": ray("RayJob", {"entrypoint": "python train.py", "rayClusterSpec": cluster, "submitterPodTemplate": {"spec": pod}}),
		"paths": ["/resources/app/inputs/spec/rayClusterSpec", "/resources/app/inputs/spec/submitterPodTemplate/spec"],
		"bad": {"an open submitter": [{
			"op": "replace",
			"path": "/resources/app/inputs/spec/submitterPodTemplate/spec/containers/0/securityContext/privileged",
			"value": true,
		}]},
	},
	"cron": {
		"subject": "app",
		"good": {"resources": {"app": {"type": "kubernetes:batch/v1:CronJob", "inputs": {
			"apiVersion": "batch/v1",
			"kind": "CronJob",
			"metadata": {"name": "app"},
			"spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": {"spec": pod}}}},
		}}}},
		"paths": ["/resources/app/inputs/spec/jobTemplate", "/resources/app/inputs/spec/jobTemplate/spec/template/spec/containers"],
		"bad": {"open": [{"op": "remove", "path": "/resources/app/inputs/spec/jobTemplate/spec/template/spec/containers/0/securityContext"}]},
	},
	"pod": {
		"subject": "app",
		"good": {"resources": {"app": {"type": "kubernetes:core/v1:Pod", "inputs": {
			"apiVersion": "v1",
			"kind": "Pod",
			"metadata": {"name": "app"},
			"spec": pod,
		}}}},
		"paths": ["/resources/app/inputs/spec", "/resources/app/inputs/spec/containers"],
		"bad": {"open": [{"op": "remove", "path": "/resources/app/inputs/spec/containers/0/securityContext"}]},
	},
	"serving": {
		"subject": "app",
		"good": ray("RayService", {"rayClusterConfig": cluster}),
		"paths": ["/resources/app/inputs/spec/rayClusterConfig", "/resources/app/inputs/spec"],
		"bad": {"an open head": [{"op": "remove", "path": "/resources/app/inputs/spec/rayClusterConfig/headGroupSpec/template/spec/containers/0/securityContext"}]},
	},
}

test_good if harness.good("K8S-002", fixtures)

test_bad if harness.bad("K8S-002", fixtures)

test_absent if harness.absent("K8S-002", fixtures)

test_null if harness.null_("K8S-002", fixtures)

test_empty if harness.empty("K8S-002", fixtures)

test_unknown if harness.unknown("K8S-002", fixtures)
