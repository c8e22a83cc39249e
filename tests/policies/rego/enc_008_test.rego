package falaj_test.enc_008

import data.falaj.rules.enc_008
import data.falaj_test.cases
import data.falaj_test.harness

literal := {"$literal_secret": true}

image := "123456789012.dkr.ecr.me-central-1.amazonaws.com/api:1.0.0"

# In its place a resource of another type.
instead(type, inputs) := [
	{"op": "replace", "path": "/resources/secret/type", "value": type},
	{"op": "replace", "path": "/resources/secret/inputs", "value": inputs},
]

deployment(container) := instead("kubernetes:apps/v1:Deployment", {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": "api", "namespace": "api"},
	"spec": {
		"selector": {"matchLabels": {"app": "api"}},
		"template": {
			"metadata": {"labels": {"app": "api"}},
			"spec": {"containers": [object.union({"name": "api", "image": image}, container)]},
		},
	},
})

paths := [concat("", ["/resources/secret/inputs/", key]) |
	some key in ["data/tls.crt", "data/tls.key", "stringData/user", "stringData/password"]
]

fixtures := {
	"secret": {
		"subject": "secret",
		"good": {"resources": {"secret": {
			"type": "kubernetes:core/v1:Secret",
			"inputs": {
				"apiVersion": "v1",
				"kind": "Secret",
				"metadata": {"name": "api", "namespace": "api"},
				"data": {"tls.crt": cases.secret, "tls.key": cases.secret},
				"stringData": {"user": cases.secret, "password": cases.secret, "host": cases.unknown},
			},
		}}},
		"paths": paths,
		"bad": {
			"plain text": [{"op": "replace", "path": "/resources/secret/inputs/stringData/password", "value": "hunter2"}],
			"plain base64": [{"op": "replace", "path": "/resources/secret/inputs/data/tls.key", "value": "aHVudGVyMg=="}],
			"a credential": [{"op": "replace", "path": "/resources/secret/inputs/stringData/password", "value": literal}],
			"no map": [{"op": "replace", "path": "/resources/secret/inputs/stringData", "value": "hunter2"}],
			"a credential beside it": [{
				"op": "add",
				"path": "/resources/secret/inputs/metadata/annotations",
				"value": {"last": literal},
			}],
			"in a pod's environment": deployment({"env": [{"name": "PORT", "value": "8080"}, {"name": "API_TOKEN", "value": literal}]}),
			"in a pod's command": deployment({"args": ["--key", literal]}),
			"in a database": instead("aws:rds/instance:Instance", {"instanceClass": "db.t4g.medium", "password": literal}),
			"in a machine's start": instead("aws:ec2/instance:Instance", {"instanceType": "t3.small", "userData": literal}),
			"in a container app": instead("azure-native:app:ContainerApp", {
				"resourceGroupName": "api",
				"configuration": {"secrets": [{"name": "key", "value": literal}]},
			}),
			"in a local server": instead("falaj:local:TrackingServer", {"token": literal}),
			"who knows": [{"op": "remove", "path": "/resources/secret/inputs"}],
		},
		# An entry that is not there holds nothing; one made in the deployment does not stand in the program.
		"expect": {
			"absent": {path: "pass" | some path in paths},
			"unknown": {path: "pass" | some path in paths},
		},
	},
}

test_good if harness.good("ENC-008", fixtures)

test_bad if harness.bad("ENC-008", fixtures)

test_absent if harness.absent("ENC-008", fixtures)

test_null if harness.null_("ENC-008", fixtures)

test_empty if harness.empty("ENC-008", fixtures)

test_unknown if harness.unknown("ENC-008", fixtures)

verdict(patch) := result if {
	result := enc_008.results.secret with input as harness.document(harness.patched(fixtures.secret, patch))
}

hidden := "is a literal secret, which is not shown, must be a secret (from the configuration or a store, not from the program)"

test_message_names_the_place_and_shows_nothing if {
	bad := fixtures.secret.bad
	verdict(bad["in a pod's environment"]).message == concat(" ", ["spec.template.spec.containers[0].env[1].value", hidden])
	verdict(bad["plain base64"]).message == concat(" ", ["data.tls.key", hidden])
}

test_what_is_clean_or_sealed_as_a_whole_is_right if {
	verdict(deployment({"env": [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "api", "key": "key"}}}]})).result == "pass"
	verdict([{"op": "replace", "path": "/resources/secret/inputs/stringData", "value": cases.secret}]).result == "pass"
	verdict([{"op": "remove", "path": "/resources/secret/inputs/data"}]).result == "pass"
	verdict([{"op": "replace", "path": "/resources/secret/inputs", "value": cases.unknown}]).result == "indeterminate"
}
