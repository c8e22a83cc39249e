package falaj_test.k8s_001

import data.falaj_test.harness

enforce := "/resources/ns/inputs/metadata/labels/pod-security.kubernetes.io~1enforce"

version := "/resources/ns/inputs/metadata/labels/pod-security.kubernetes.io~1enforce-version"

namespace(labels) := {"resources": {"ns": {
	"type": "kubernetes:core/v1:Namespace",
	"inputs": {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": labels}},
}}}

fixtures := {
	"tenant": {
		"subject": "ns",
		"good": namespace({
			"pod-security.kubernetes.io/enforce": "restricted",
			"pod-security.kubernetes.io/enforce-version": "latest",
		}),
		"paths": [enforce, version, "/resources/ns/inputs/metadata/labels", "/resources/ns/inputs/metadata"],
		"bad": {
			"baseline": [{"op": "replace", "path": enforce, "value": "baseline"}],
			"privileged in another role": [
				{"op": "replace", "path": enforce, "value": "privileged"},
				{"op": "add", "path": "/resources/ns/inputs/metadata/labels/falaj.ae~1role", "value": "gpu"},
			],
			"a warning only": [{"op": "move", "from": enforce, "path": "/resources/ns/inputs/metadata/labels/pod-security.kubernetes.io~1warn"}],
			"no version": [{"op": "replace", "path": version, "value": "1.34"}],
			"the level and the version exchanged": [
				{"op": "replace", "path": version, "value": "restricted"},
				{"op": "replace", "path": enforce, "value": "latest"},
			],
		},
	},
	"gpu system": {
		"subject": "ns",
		"good": namespace({
			"falaj.ae/role": "gpu-system",
			"pod-security.kubernetes.io/enforce": "privileged",
			"pod-security.kubernetes.io/enforce-version": "v1.34",
		}),
		"paths": [enforce, version, "/resources/ns/inputs/metadata/labels/falaj.ae~1role"],
		"bad": {"no level": [{"op": "replace", "path": enforce, "value": "off"}]},
		# Whatever the role turns out to be: a namespace that is not known to be the drivers' is not privileged.
		"expect": {"unknown": {"/resources/ns/inputs/metadata/labels/falaj.ae~1role": "fail"}},
	},
}

test_good if harness.good("K8S-001", fixtures)

test_bad if harness.bad("K8S-001", fixtures)

test_absent if harness.absent("K8S-001", fixtures)

test_null if harness.null_("K8S-001", fixtures)

test_empty if harness.empty("K8S-001", fixtures)

test_unknown if harness.unknown("K8S-001", fixtures)
