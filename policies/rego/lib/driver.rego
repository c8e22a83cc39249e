# Programs that hand a machine's GPUs to others, and what each of them may do that no other pod may. A program is one of
# these by all of: a DaemonSet, its namespace, its account, and every image of its pods by version and digest. A new
# release of one is a new entry: somebody looked at it.
package falaj.driver

import data.falaj.namespace
import data.falaj.pod
import data.falaj.subject

space := "gpu-operator"

# {account: {image: by path, version and digest; container: {property: values}; pod: what of the node it sees; writes and
# reads: which of the node's files}}.
known := {
	"device-plugin": {
		"image": "nvidia/k8s-device-plugin:v0.20.0@sha256:a61ba9fd8efb82f3a79f877f7580e02c1e8e7593f62473644bc9c79e315c3312",
		"container": {
			"securityContext.capabilities.add": {["SYS_ADMIN"]},
			"securityContext.runAsNonRoot": {false},
		},
		"pod": set(),
		"writes": {"/var/lib/kubelet/device-plugins", "/var/run/cdi"},
		"reads": {"/"},
	},
	"dcgm-exporter": {
		"image": "nvidia/k8s/dcgm-exporter:4.5.3-4.8.2-distroless@sha256:60d3b00ac80b4ae77f94dae2f943685605585ad9e92fdccda3154d009ae317cc",
		"container": {
			"securityContext.capabilities.add": {["SYS_ADMIN"]},
			"securityContext.runAsNonRoot": {false},
		},
		"pod": set(),
		"writes": set(),
		"reads": {"/var/lib/kubelet/pod-resources"},
	},
	"mig-manager": {
		"image": "nvidia/cloud-native/k8s-mig-manager:v0.12.3-ubi9@sha256:3191cc0684e92d655e72fe9faf3da95fe6b8a6c2eb4ad396f75ba9b98c021aaf",
		"container": {
			"securityContext.privileged": {true},
			"securityContext.allowPrivilegeEscalation": {true},
			"securityContext.runAsNonRoot": {false},
		},
		"pod": {"hostPID", "hostIPC"},
		"writes": {"/", "/sys"},
		"reads": set(),
	},
}

# The program that a resource is, of those known; nothing for all others.
of(urn, resource) := found if {
	subject.kinds[resource.type] == "kubernetes:apps:DaemonSet"
	space in namespace.of(urn, resource)
	found := known[subject.at(resource.inputs, "spec.template.spec.serviceAccountName")]
	every _, image in pod.images(resource) {
		is_string(image)
		endswith(image, concat("", ["/", found.image]))
	}
}

# Whether it may have a value of a container's property, see of the node what a pod's property names, or have a volume.
may(driver, _, "pod", path, true) if {
	some seen in driver.pod
	endswith(path, concat("", [".", seen]))
}

may(driver, _, "volumes", _, volume) if {
	subject.named(subject.at(volume, "name"))
	subject.at(volume, "hostPath.path") in driver.writes
}

may(driver, resource, "volumes", _, volume) if {
	name := subject.at(volume, "name")
	subject.named(name)
	subject.at(volume, "hostPath.path") in driver.reads
	every mount in mounts(resource, name) { subject.at(mount, "readOnly") == true }
}

may(driver, _, what, _, value) if value in driver.container[what]

# The mounts of a volume, and those of which it is not known what they are.
mounts(resource, name) := [mount |
	some _, container in pod.containers(resource)
	some _, mount in subject.items("volumeMounts", subject.at(container, "volumeMounts"))
	subject.at(mount, "name") in {name, {"$unknown": true}}
]
