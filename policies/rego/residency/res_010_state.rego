# METADATA
# scope: package
# title: State and its secrets are kept where data may be
# custom:
#   id: RES-010
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [stack]
#   on_unknown: deny
#   controls: [UAE-PDPL 20, UAE-PDPL 22, ISO-27001:2022 5.33]
#   remediation: Make both with `falaj bootstrap aws`, and log in to `s3://BUCKET?region=REGION` and change the secrets provider to `awskms://alias/NAME?region=REGION`, REGION an allowed one; or to `azblob://CONTAINER?storage_account=NAME` and `azurekeyvault://NAME.vault.azure.net/keys/KEY`, with NAME.blob.core.windows.net and NAME.vault.azure.net among `hosts` of the stack's policy, for their names say no location; or to `s3://BUCKET?endpoint=https://HOST&s3ForcePathStyle=true`, HOST among `hosts`, with a passphrase.
#   owner: platform
package falaj.rules.res_010

import data.falaj.aws
import data.falaj.bootstrap
import data.falaj.place
import data.falaj.subject

wants := {
	"backend": sprintf("s3:// with `region` %s, s3:// with an https:// `endpoint` or azblob:// of a `storage_account` at an allowed host, file:// where state stays on this machine", [place.regions("aws")]),
	"secrets_provider": sprintf("awskms:// with `region` %s or an ARN there, azurekeyvault:// at an allowed host, a passphrase where state stays on this machine or at such an `endpoint`", [place.regions("aws")]),
}

allowed(scheme) if scheme in input.params.backends

# What leads a client elsewhere, such as an `endpoint`, is not among what an AWS URL may say.
regional(query) if {
	object.keys(query) - {"awssdk", "profile", "region"} == set()
	[region] := query.region
	region in input.params.regions.aws
}

# Parts of a URL: `scheme://name?query`.
parts(url) := {"scheme": found[1], "name": found[2], "query": urlquery.decode_object(found[3])} if {
	is_string(url)
	[found] := regex.find_all_string_submatch_n(`^([a-z0-9]+)://([^?#\s]+)\??([^?#\s]*)$`, url, 1)
}

holds("backend", url) if {
	subject.matches(`^file://`, url)
	allowed("file")
}

holds("backend", url) if {
	parts(url).scheme == "s3"
	allowed("s3")
	regional(parts(url).query)
}

# A store of one's own that speaks S3.
holds("backend", url) if {
	allowed("s3")
	own_store(url)
}

own_store(url) if {
	parts(url).scheme == "s3"
	query := parts(url).query
	object.keys(query) - {"endpoint", "profile", "region", "s3ForcePathStyle", "use_path_style"} == set()
	[endpoint] := query.endpoint
	subject.matches(`^https://`, endpoint)
	place.host(endpoint)
}

holds("backend", url) if {
	parts(url).scheme == "azblob"
	allowed("azblob")
	[account] := parts(url).query.storage_account
	object.keys(parts(url).query) == {"storage_account"}
	place.host(concat("", [account, ".blob.core.windows.net"]))
}

holds("secrets_provider", url) if {
	url in {"", "passphrase"}
	allowed("file")
}

# What such a store has is sealed before it gets there, and the passphrase stays here.
holds("secrets_provider", url) if {
	url in {"", "passphrase"}
	allowed("s3")
	some name, stack in subject.of(rego.metadata.chain())
	own_store(stack.backend)
}

holds("secrets_provider", url) if {
	parts(url).scheme == "awskms"
	not contains(url, "arn:")
	regional(parts(url).query)
}

holds("secrets_provider", url) if {
	parts(url).scheme == "awskms"
	key := aws.arn(trim_prefix(parts(url).name, "/"))
	key.service == "kms"
	key.region in input.params.regions.aws
	regional(object.union({"region": [key.region]}, parts(url).query))
}

holds("secrets_provider", url) if {
	parts(url).scheme == "azurekeyvault"
	parts(url).query == {}
	[host, _] := regex.split(`(\.vault|\.managedhsm)\.azure\.net/keys/[\w/-]+$`, parts(url).name)
	count(host) > 0
	place.host(split(parts(url).name, "/")[0])
}

results := {name: verdict |
	some name, stack in subject.of(rego.metadata.chain())
	not bootstrap.only
	right := {path | some path, _ in wants; holds(path, stack[path])}
	verdict := subject.judge(stack, wants, right)
}
