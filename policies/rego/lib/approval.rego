# Who approved: this very plan or model, in time, and not their own change.
package falaj.approval

import data.falaj.subject
import data.falaj.time_

# The digest that is asked about: the model's at the release gate, else the plan's.
asked := object.get(input, ["release", "digest"], null) if input.gate == "release"

else := object.get(input, ["plan", "digest"], null)

# People whose approval counts for what is asked about.
people := {approval.by |
	subject.named(input.stack.author)
	some approval in input.approvals
	approval.plan == asked
	approval.stack == input.stack.name
	subject.named(approval.by)
	lower(approval.by) != lower(input.stack.author)
	time_.holds(approval.at, approval.expires, approval_span)
}

# How long an approval may hold, ns.
approval_span := input.params.approval_hours_max * time_.hour if is_number(input.params.approval_hours_max)

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
	"approvals": sprintf("%v people's, none of them the author, of %v %v: falaj %v approve", [
		subject.shown(subject.at(input, "params.approvals_min")),
		{true: "model", false: "plan"}[input.gate == "release"],
		subject.shown(asked),
		{true: "release", false: "gate"}[input.gate == "release"],
	]),
}

right := {"author" | subject.named(facts.author)} | {"approvals" | enough}
