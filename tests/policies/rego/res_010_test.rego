package falaj_test.res_010

import data.falaj_test.cases
import data.falaj_test.harness

backend(url) := [{"op": "replace", "path": "/stack/backend", "value": url}]

provider(url) := [{"op": "replace", "path": "/stack/secrets_provider", "value": url}]

paths := ["/stack/backend", "/stack/secrets_provider"]

# What a fixture's stack leaves out comes from the harness's, which keeps its state in the country.
from_base := {path: "pass" | some path in paths}

allowed(backends) := [{"op": "replace", "path": "/params/backends", "value": backends}]

vault := "falaj.vault.azure.net"

fixtures := {
	"aws": {
		"subject": "stack",
		"good": {
			"stack": {"backend": "s3://state/falaj?region=me-central-1&awssdk=v2", "secrets_provider": "awskms://alias/state?region=me-central-1"},
			"params": {"backends": ["s3", "azblob"]},
		},
		"paths": paths,
		"bad": {
			"a bucket abroad": backend("s3://state?region=us-east-1"),
			"a bucket of no region": backend("s3://state"),
			"a bucket of two regions": backend("s3://state?region=me-central-1&region=us-east-1"),
			"another server": backend("s3://state?region=me-central-1&endpoint=s3.example.com"),
			"another server in other letters": backend("s3://state?region=me-central-1&%65ndpoint=s3.example.com"),
			"no backend that is allowed": allowed([]),
			"no list of backends": allowed(null),
			"other backends allowed": allowed(["file", "azblob"]),
			"a folder": backend("file:///var/lib/falaj/state"),
			"Pulumi's service": backend("https://api.pulumi.com"),
			"a bucket of Google's": backend("gs://state"),
			"a passphrase": provider("passphrase"),
			"the default": provider(""),
			"a key abroad": provider("awskms://alias/state?region=us-east-1"),
			"a key of no region": provider("awskms://alias/state"),
			"an ARN abroad": provider("awskms:///arn:aws:kms:us-east-1:123456789012:key/0?region=me-central-1"),
			"an ARN and a region abroad": provider("awskms:///arn:aws:kms:me-central-1:123456789012:key/0?region=us-east-1"),
			"an ARN of another service": provider("awskms:///arn:aws:s3:me-central-1:123456789012:key/0"),
			"another key service": provider("hashivault://state"),
			"Google's key service": provider("gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k"),
		},
		"expect": {"absent": from_base},
	},
	"own store": {
		"subject": "stack",
		"good": {
			"stack": {"backend": "s3://state?endpoint=https://objects.dc1.example.ae:9000&s3ForcePathStyle=true&region=dc1", "secrets_provider": "passphrase"},
			"params": {"backends": ["s3", "azblob"], "hosts": [".dc1.example.ae"]},
		},
		"paths": ["/stack/backend", "/params/hosts"],
		"bad": {
			"a store nobody allowed": backend("s3://state?endpoint=https://objects.example.com&region=dc1"),
			"no TLS": backend("s3://state?endpoint=http://objects.dc1.example.ae&region=dc1"),
			"no TLS by a switch": backend("s3://state?endpoint=https://objects.dc1.example.ae&disableSSL=true"),
			"two stores": backend("s3://state?endpoint=https://objects.dc1.example.ae&endpoint=https://objects.example.com"),
			"a passphrase beside AWS": backend("s3://state?region=me-central-1"),
			"no backend that is allowed": allowed([]),
			"another key service": provider("hashivault://state"),
		},
		# A passphrase is the default, and right beside such a backend only.
		"expect": {
			"absent": {"/stack/backend": "fail"},
			"unknown": {"/stack/backend": "fail", "/params/hosts": "fail"},
		},
	},
	"azure": {
		"subject": "stack",
		"good": {
			"stack": {"backend": "azblob://state?storage_account=falaj", "secrets_provider": "azurekeyvault://falaj.vault.azure.net/keys/state"},
			"params": {"backends": ["s3", "azblob"], "hosts": [vault, "falaj.blob.core.windows.net"]},
		},
		"paths": array.concat(paths, ["/params/hosts"]),
		"bad": {
			"an account nobody allowed": backend("azblob://state?storage_account=other"),
			"another backend allowed": allowed(["s3"]),
			"no account": backend("azblob://state"),
			"another server": backend("azblob://state?storage_account=falaj&domain=blob.example.com"),
			"a vault nobody allowed": provider("azurekeyvault://other.vault.azure.net/keys/state"),
			"a vault elsewhere": provider("azurekeyvault://falaj.vault.azure.net.example.com/keys/state"),
			"no key": provider("azurekeyvault://falaj.vault.azure.net"),
			"something asked of the vault": provider("azurekeyvault://falaj.vault.azure.net/keys/state?tenant=other"),
		},
		"expect": {"absent": from_base, "unknown": {"/params/hosts": "fail"}},
	},
	"local": {
		"subject": "stack",
		"good": {
			"stack": {"jurisdiction": "local", "backend": "file:///home/falaj/state", "secrets_provider": "passphrase"},
			"params": {"backends": ["file"], "regions": {"aws": [], "azure": []}},
		},
		"paths": ["/stack/backend"],
		"bad": {
			"no folder allowed": allowed(["s3"]),
			"a bucket": backend("s3://state?region=me-central-1"),
			"Pulumi's service": backend("https://api.pulumi.com"),
			"a key service": provider("awskms://alias/state?region=me-central-1"),
			"no text": provider(null),
		},
	},
}

test_good if harness.good("RES-010", fixtures)

test_bad if harness.bad("RES-010", fixtures)

test_absent if harness.absent("RES-010", fixtures)

test_null if harness.null_("RES-010", fixtures)

test_empty if harness.empty("RES-010", fixtures)

test_unknown if harness.unknown("RES-010", fixtures)

result(fixture, patch) := harness.verdict("RES-010", fixtures[fixture], json.patch(fixtures[fixture].good, patch))

test_the_default_where_state_stays_here if result("local", provider("")) == "pass"

test_a_key_by_its_arn if {
	result("aws", provider("awskms:///arn:aws:kms:me-central-1:123456789012:key/0")) == "pass"
	result("aws", provider("awskms:///arn:aws:kms:me-central-1:123456789012:alias/state?region=me-central-1")) == "pass"
}

test_a_provider_that_is_not_known_yet if result("local", provider(cases.unknown)) == "indeterminate"

test_one_resource_alone_has_no_stack if {
	results := harness.results("RES-010") with input as object.union(harness.document(fixtures.aws.good), {"gate": "resource"})
	results == {}
}

test_what_is_left_out if {
	every path in array.concat(paths, ["/params/backends"]) {
		results := harness.results("RES-010") with input as json.remove(harness.document(fixtures.aws.good), [path])
		results.stack.result == "fail"
	}
}
