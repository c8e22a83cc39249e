# Who approved: this very plan, in time, and not their own change.
package falaj.approval

import data.falaj.subject
import data.falaj.time_

# People whose approval counts for the plan that is asked about.
people := {approval.by |
	subject.named(input.stack.author)
	some approval in input.approvals
	approval.plan == input.plan.digest
	approval.stack == input.stack.name
	is_string(approval.by)
	lower(approval.by) != lower(input.stack.author)
	time_.holds(approval.at, approval.expires, approval_span)
}

# How long an approval may hold, ns.
approval_span := input.params.approval_hours_max * time_.hour

# A number first: any number is less than null, or than a text.
enough if {
	is_number(input.params.approvals_min)
	count(people) >= input.params.approvals_min
}

facts := {"author": object.get(input, ["stack", "author"], null), "approvals": given}

# Whoever reviews a change does so before anybody can approve its plan.
given := {"$unknown": true} if {
	input.gate == "review"
	not enough
} else := sort(people)

wants := {
	"author": "who makes the change ($FALAJ_AUTHOR)",
	"approvals": sprintf("%v people's, none of them the author, of plan %v: falaj gate approve", [
		subject.shown(object.get(input, ["params", "approvals_min"], null)),
		object.get(input, ["plan", "digest"], "(none)"),
	]),
}

right := {"author" | subject.named(facts.author)} | {"approvals" | enough}
