# METADATA
# scope: package
# title: Objects are replicated within the allowed regions
# custom:
#   id: RES-002
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["aws:s3/bucketReplicationConfig:BucketReplicationConfig", "azure-native:storage:StorageAccount", "azure-native:storage:ObjectReplicationPolicy"]
#   needs: stack
#   on_unknown: deny
#   controls: [UAE-PDPL 22, UAE-ICT-HEALTH 13, CBUAE-OUTSOURCING 6.1, GDPR 44]
#   remediation: Set `rules[].destination.bucket` to a bucket of this stack in an allowed region, `sku.name` of a storage account to one of LRS or ZRS, `destinationAccount` to an account of this stack.
#   owner: platform
package falaj.rules.res_002

import data.falaj.place
import data.falaj.subject

local := {
	"Standard_LRS", "Standard_ZRS", "StandardV2_LRS", "StandardV2_ZRS",
	"Premium_LRS", "Premium_ZRS", "PremiumV2_LRS", "PremiumV2_ZRS",
}

# These copy to the region that Azure pairs with the account's own.
geo := {"Standard_GRS", "Standard_RAGRS", "Standard_GZRS", "Standard_RAGZRS", "StandardV2_GRS", "StandardV2_GZRS"}

wants_account(sku) := {"location": "a region whose pair is allowed too (or `sku.name` one of LRS or ZRS)"} if sku in geo

else := {"sku.name": "one of LRS or ZRS, or of GRS or GZRS where the paired region is allowed too"}

results := object.union_n([
	{urn: verdict |
		some urn, replication in subject.by_type["aws:s3/bucketReplicationConfig:BucketReplicationConfig"]
		rules := object.union({"rules[0]": null}, subject.items("rules", subject.at(replication.inputs, "rules")))
		wants := {path: "a bucket of this stack in an allowed region" |
			some rule, _ in rules
			path := concat(".", [rule, "destination.bucket"])
		}
		right := {path | some path, _ in wants; place.stays(replication, path, ["aws:s3/bucket:Bucket"])}
		verdict := subject.judge(replication.inputs, wants, right)
	},
	{urn: verdict |
		some urn, account in subject.by_type["azure-native:storage:StorageAccount"]
		facts := object.union(account.inputs, {"location": place.location(account)})
		wants := wants_account(subject.at(account.inputs, "sku.name"))
		right := {"sku.name" | subject.at(account.inputs, "sku.name") in local} | {"location" | place.paired(account)}
		verdict := subject.judge(facts, wants, right)
	},
	{urn: verdict |
		some urn, policy in subject.by_type["azure-native:storage:ObjectReplicationPolicy"]
		wants := {"destinationAccount": "a storage account of this stack in an allowed region"}
		right := {"destinationAccount" | destination(policy)}
		verdict := subject.judge(policy.inputs, wants, right)
	},
])

destination(policy) if place.account(subject.at(policy.inputs, "destinationAccount"))

destination(policy) if place.made_home(policy, "destinationAccount", ["azure-native:storage:StorageAccount"])
