# Where things are, and whether they may be there: regions, buckets and accounts of this stack, hosts. What a name does
# not say, and no resource of this stack proves, is not known to be in an allowed place.
package falaj.place

import data.falaj.aws
import data.falaj.graph
import data.falaj.subject

regions(cloud) := concat(" or ", [name | some name in input.params.regions[cloud]])

hosts := concat(", ", [name | some name in input.params.hosts])

# Where a resource is: where it says itself, or else where its provider is. Read without paths: it is asked of everything.
region(resource) := own(resource, "region")

location(resource) := own(resource, "location")

own(resource, property) := {"$unknown": true} if resource.inputs["$unknown"]

else := said if {
	said := resource.inputs[property]
	said != null
} else := object.get(resource, ["provider", property], null)

# Azure takes `UAE North` for `uaenorth`.
normal(text) := lower(replace(text, " ", "")) if is_string(text)

home(resource) if settled(resource)

# A resource of Azure may take its location from a group of this stack.
home(resource) if {
	location(resource) == {"$unknown": true}
	groups := graph.pointed(resource, "location", ["azure-native:resources:ResourceGroup"])
	count(groups) > 0
	every _, group in groups { settled(group) }
}

settled(resource) if {
	startswith(resource.type, "aws:")
	region(resource) in input.params.regions.aws
}

settled(resource) if {
	startswith(resource.type, "azure-native:")
	normal(location(resource)) in input.params.regions.azure
}

# The other region that Azure copies geo-redundant data to; a region without one here has none, or one that no
# jurisdiction allows. From Azure's list of paired regions.
pairs := {
	"uaenorth": "uaecentral",
	"uaecentral": "uaenorth",
	"northeurope": "westeurope",
	"westeurope": "northeurope",
}

paired(resource) if {
	home(resource)
	pairs[normal(location(resource))] in input.params.regions.azure
}

# Whether a value that is not known yet comes from resources of this stack, all of them where they may be.
made_home(resource, path, types) if {
	subject.at(resource.inputs, path) == {"$unknown": true}
	sources := graph.pointed(resource, path, types)
	count(sources) > 0
	every _, source in sources { home(source) }
}

# Whether what a property names is where it may be: an ARN that says so, a bucket of this stack, or what it makes.
stays(resource, path, _) if arn(subject.at(resource.inputs, path))

stays(resource, path, types) if made_home(resource, path, types)

arn(text) if aws.arn(text).region in input.params.regions.aws

arn(text) if {
	found := aws.arn(text)
	found.service == "s3"
	bucket(found.resource)
}

# An ARN of a bucket names no region: only of this stack's own buckets it is known.
bucket(name) if name in buckets

bucket(name) if {
	is_string(name)
	some prefix in prefixes
	startswith(name, prefix)
	count(name) == count(prefix) + 26
}

buckets contains stored.inputs.bucket if {
	some _, stored in subject.by_type["aws:s3/bucket:Bucket"]
	subject.named(stored.inputs.bucket)
	home(stored)
}

prefixes contains stored.inputs.bucketPrefix if {
	some _, stored in subject.by_type["aws:s3/bucket:Bucket"]
	subject.named(stored.inputs.bucketPrefix)
	home(stored)
}

accounts contains lower(stored.inputs.accountName) if {
	some _, stored in subject.by_type["azure-native:storage:StorageAccount"]
	subject.named(stored.inputs.accountName)
	home(stored)
}

# A storage account of this stack, by its name or the ID that ends in it.
account(text) if {
	is_string(text)
	lower(regex.replace(text, `^.*/`, "")) in accounts
}

# {host, with its port} of a URL or of a bare `host:port`; undefined for what has anything odd about it.
hosts_of(text) := {lower(found[1]), lower(concat("", [found[1], found[2]]))} if {
	is_string(text)
	[found] := regex.find_all_string_submatch_n(address, text, -1)
}

address := `^(?:[A-Za-z][A-Za-z0-9+.:-]*://)?(?:[^/@?#\s\\]*@)?([A-Za-z0-9.-]+)(:\d+)?(?:[/?#][^\s\\]*)?$`

# A host that data may go to: the pod itself, one that is allowed, or a storage account of this stack.
host(text) if hosts_of(text) & {"localhost", "127.0.0.1"} != set()

host(text) if {
	some name in hosts_of(text)
	some allowed in input.params.hosts
	reaches(allowed, name)
}

host(text) if {
	some name in hosts_of(text)
	[stored, _] := regex.split(`\.(blob|dfs|file|queue|table)\.core\.windows\.net$`, name)
	stored in accounts
}

reaches(allowed, name) if name == allowed

reaches(allowed, name) if {
	is_string(allowed)
	startswith(allowed, ".")
	endswith(name, allowed)
}

# Where data lies: {scheme: who says so} of what is no host.
bucket_schemes := {"s3", "s3a", "s3n"}

account_schemes := {"abfs", "abfss", "wasb", "wasbs"}

scheme(text) := lower(split(text, "://")[0]) if {
	is_string(text)
	contains(text, "://")
}

# A URI of data that stays: of a bucket or an account of this stack, or of an allowed host.
uri(text) if {
	scheme(text) in bucket_schemes
	bucket(regex.split(`[/?#]`, split(text, "://")[1])[0])
}

uri(text) if {
	scheme(text) in (account_schemes | {"http", "https"})
	host(text)
}

uri(text) if scheme(text) in {"file", "local"}

# Paths of a property in the lists that lie in the items of a list: `rules[0].copyActions[0].destinationVaultArn`.
nested(inputs, outer, inner, leaf) := {concat(".", [at, leaf]) |
	some where, item in subject.items(outer, subject.at(inputs, outer))
	list := concat(".", [where, inner])
	some at, _ in subject.items(list, subject.at(item, inner))
}
