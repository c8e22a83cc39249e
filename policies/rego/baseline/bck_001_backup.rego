# METADATA
# scope: package
# title: What cannot be made again is backed up, and the backup was tried
# custom:
#   id: BCK-001
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:rds/instance:Instance", "aws:rds/cluster:Cluster", "aws:efs/fileSystem:FileSystem", "aws:dynamodb/table:Table", "aws:ebs/volume:Volume"]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T3.5.1, UAE-IA T9.3.1, ISO-27001:2022 8.13]
#   remediation: Select the resource in a backup Selection (`resources`, or `selectionTags` that its tags have) of a Plan whose rule has `lifecycle.deleteAfter` and a `targetVaultName` of this stack; restore from it and set the tag `restore-tested` to that day, or have a RestoreTestingPlan of this stack do so with all of the kind.
#   owner: platform
package falaj.rules.bck_001

import data.falaj.aws
import data.falaj.graph
import data.falaj.subject
import data.falaj.tags
import data.falaj.time_

most := object.get(input, ["params", "backup_test_days_max"], null)

wants := {
	"backup rule.lifecycle.deleteAfter": "1 day or more, in a plan that selects the resource",
	"backup rule.targetVaultName": "a vault of this stack",
	"tags.restore-tested": sprintf("the day of a restore, such as 2026-01-31, at most %s days ago, where no restore test does it", [subject.shown(most)]),
}

selections := object.get(subject.by_type, "aws:backup/selection:Selection", {})

# Whether a selection takes in a resource by name, or by one of its tags.
takes(name, selection, urn, _) if {
	graph.pointing(urn, "aws:backup/selection:Selection", "resources")[name]
	names(subject.at(selection.inputs, "resources"))
}

takes(_, selection, _, found) if {
	some pair in selection.inputs.selectionTags
	pair.type == "STRINGEQUALS"
	subject.named(pair.value)
	found[pair.key] == pair.value
}

names({"$unknown": true})

names(list) if {
	is_array(list)
	count(list) > 0
	every name in list { name_of_one(name) }
}

name_of_one({"$unknown": true})

name_of_one(text) if aws.arn(text)

# Kinds of resources as restore tests name them.
kinds := {
	"aws:rds/instance:Instance": "RDS",
	"aws:rds/cluster:Cluster": "Aurora",
	"aws:efs/fileSystem:FileSystem": "EFS",
	"aws:dynamodb/table:Table": "DynamoDB",
	"aws:ebs/volume:Volume": "EBS",
}

# Whether backups of a kind are restored by themselves again and again: all of them, or those with one of the tags.
tried(kind, found) if {
	some test in subject.by_type["aws:backup/restoreTestingSelection:RestoreTestingSelection"]
	test.inputs.protectedResourceType == kinds[kind]
	test.inputs.protectedResourceArns == ["*"]
	matching(object.get(test.inputs, "protectedResourceConditions", null), found)
	some plan in subject.by_type["aws:backup/restoreTestingPlan:RestoreTestingPlan"]
	subject.named(plan.inputs.name)
	test.inputs.restoreTestingPlanName == plan.inputs.name
	subject.named(plan.inputs.scheduleExpression)
	takes_from(plan)
}

# Whether restores are tried from a vault of this stack, or from all there are.
takes_from(plan) if {
	some vault in plan.inputs.recoveryPointSelection.includeVaults
	vault in {{"$unknown": true}, "*"}
}

takes_from(plan) if count(graph.pointed(plan, "recoveryPointSelection", ["aws:backup/vault:Vault"])) > 0

matching(null, _)

matching(conditions, found) if {
	object.keys(conditions) == {"stringEquals"}
	some _ in conditions.stringEquals
	every pair in conditions.stringEquals {
		is_string(pair.key)
		subject.named(pair.value)
		found[trim_prefix(pair.key, "aws:ResourceTag/")] == pair.value
	}
}

# The rules of the plans that back a resource up.
plan_rules(urn, found) := {[plan, rule] |
	some name, selection in selections
	takes(name, selection, urn, found)
	graph.given(selection, "planId")
	some plan in graph.pointed(selection, "planId", ["aws:backup/plan:Plan"])
	some _, rule in subject.items("rules", subject.at(plan.inputs, "rules"))
}

# Whether a selection takes a resource in is open while its tags, or those that the selection asks for, are not known.
open_rules(found) := {[{}, {"$unknown": true}] |
	some selection in selections
	asked := subject.at(selection.inputs, "selectionTags")
	asked != null
	subject.is_unknown([found, asked])
}

# A plan and its rule that back the resource up, or what is known of them; nothing when there is none.
candidates(urn, found) := known if {
	known := plan_rules(urn, found) | open_rules(found)
	count(known) > 0
} else := {[{}, null]}

vaults contains vault.inputs.name if {
	some vault in subject.by_type["aws:backup/vault:Vault"]
	subject.named(vault.inputs.name)
}

holds("backup rule.lifecycle.deleteAfter", _, rule, _) if {
	days := subject.at(rule, "lifecycle.deleteAfter")
	is_number(days)
	days >= 1
}

holds("backup rule.targetVaultName", _, rule, _) if subject.at(rule, "targetVaultName") in vaults

holds("backup rule.targetVaultName", plan, rule, _) if {
	subject.at(rule, "targetVaultName") == {"$unknown": true}
	count(graph.pointed(plan, "rules", ["aws:backup/vault:Vault"])) > 0
}

# A day begins before midnight in London does, but no more than a day before.
holds("tags.restore-tested", _, _, found) if {
	subject.matches(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`, found["restore-tested"])
	tested := time_.of(sprintf("%sT00:00:00Z", [found["restore-tested"]]))
	is_number(most)
	tested >= time_.now - (most * time_.day)
	tested <= time_.now + time_.day
}

judged(plan, rule, found, kind) := subject.judge({"backup rule": rule, "tags": found}, wants, right) if {
	right := {path | some path, _ in wants; holds(path, plan, rule, found)} | {"tags.restore-tested" | tried(kind, found)}
}

verdict(urn, resource) := subject.best(verdicts, wants) if {
	found := tags.of(resource).tags
	verdicts := [judged(pair[0], pair[1], found, subject.kinds[resource.type]) | some pair in candidates(urn, found)]
}

results := {urn: verdict(urn, resource) | some urn, resource in subject.of(rego.metadata.chain())}
