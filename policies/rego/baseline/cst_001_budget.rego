# METADATA
# scope: package
# title: Spending has a limit and idle clusters stop
# custom:
#   id: CST-001
#   severity: medium
#   level: {dev: advisory, prod: mandatory}
#   applies_to: [stack, "kubernetes:ray.io:RayJob"]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-IA T3.3.1, ISO-27001:2022 8.6]
#   remediation: Add a monthly cost Budget with `limitAmount` (on Azure `amount`) of at most the stack's `monthly_budget` and a notification that somebody gets; set a RayJob's `spec.shutdownAfterJobFinishes` and `spec.ttlSecondsAfterFinished`.
#   owner: finance
package falaj.rules.cst_001

import data.falaj.bootstrap
import data.falaj.subject

most := object.get(input, ["params", "monthly_budget"], null)

limit := sprintf("more than 0 and at most %s", [subject.shown(most)])

within(amount) if {
	is_number(most)
	is_number(amount)
	amount > 0
	amount <= most
}

clouds["aws:"] := {
	"type": "aws:budgets/budget:Budget",
	"wants": {
		"budget.budgetType": "COST",
		"budget.timeUnit": "MONTHLY",
		"budget.limitAmount": limit,
		"budget.notifications": "one with a subscriber",
	},
}

clouds["azure-native:"] := {
	"type": "azure-native:consumption:Budget",
	"wants": {
		"budget.category": "Cost",
		"budget.timeGrain": "Monthly",
		"budget.amount": limit,
		"budget.notifications": "one that is enabled and has a contact",
	},
}

exact := {"budgetType": "COST", "timeUnit": "MONTHLY", "category": "Cost", "timeGrain": "Monthly"}

holds(path, budget) if budget[path] == exact[path]

holds("limitAmount", budget) if {
	subject.matches(`^\d+(\.\d+)?$`, budget.limitAmount)
	within(to_number(budget.limitAmount))
}

holds("amount", budget) if within(budget.amount)

holds("notifications", budget) if {
	some notification in budget.notifications
	some way in ["subscriberEmailAddresses", "subscriberSnsTopicArns"]
	reaches(notification[way])
}

holds("notifications", budget) if {
	some notification in budget.notifications
	notification.enabled == true
	some way in ["contactEmails", "contactGroups", "contactRoles"]
	reaches(notification[way])
}

reaches(receivers) if {
	some receiver in receivers
	not receiver in {"", null}
}

spending[cloud] := subject.best(verdicts, facts.wants) if {
	some cloud, facts in clouds
	verdicts := [subject.judge({"budget": budget.inputs}, facts.wants, right) |
		some _, budget in subject.by_type[facts.type]
		right := {path | some path, _ in facts.wants; holds(trim_prefix(path, "budget."), budget.inputs)}
	]
}

job_wants := {
	"spec.shutdownAfterJobFinishes": "true",
	"spec.ttlSecondsAfterFinished": "a number of seconds",
}

stops("spec.shutdownAfterJobFinishes", true)

stops("spec.ttlSecondsAfterFinished", seconds) if {
	is_number(seconds)
	seconds >= 0
}

results := object.union_n([
	{name: verdict |
		some name, _ in subject.of_kind("stack")
		not bootstrap.only
		verdicts := [verdict | some cloud, verdict in spending; subject.uses(cloud)]
		verdict := subject.worst(verdicts)
	},
	{urn: verdict |
		some urn, job in subject.by_type["kubernetes:ray.io:RayJob"]
		right := {path | some path, _ in job_wants; stops(path, subject.at(job.inputs, path))}
		verdict := subject.judge(job.inputs, job_wants, right)
	},
])
