package falaj_test.iam_007

import data.falaj_test.cases
import data.falaj_test.harness

planned := object.union(cases.approved, {
	"stack": harness.stack,
	"params": harness.params,
	"resources": {"u": {"type": "aws:iam/role:Role", "inputs": {}}},
	"operations": {"u": "create"},
})

fixtures := {"plan": {
	"subject": "plan",
	"good": planned,
	"paths": ["/approvals", "/approvals/0/plan", "/approvals/0/expires", "/stack/author", "/params/approvals_min", "/plan"],
	"bad": {
		"one approval": [{"op": "remove", "path": "/approvals/0"}],
		"the author's own": [{"op": "replace", "path": "/approvals/0/by", "value": "Author@example.ae"}],
		"twice the same": [{"op": "replace", "path": "/approvals/0/by", "value": "two@example.ae"}],
		"of another plan": [{"op": "replace", "path": "/approvals/0/plan", "value": "sha256:other"}],
		"of another stack": [{"op": "replace", "path": "/approvals/0/stack", "value": "other"}],
		"expired": [{"op": "replace", "path": "/approvals/0/expires", "value": "2026-11-25T08:00:00+00:00"}],
		"from tomorrow": [{"op": "replace", "path": "/approvals/0/at", "value": "2026-11-25T09:00:00+00:00"}],
		"for two days": [{"op": "replace", "path": "/approvals/0/expires", "value": "2026-11-27T07:00:00+00:00"}],
		"nobody's change": [{"op": "replace", "path": "/stack/author", "value": " "}],
		"no least number": [{"op": "replace", "path": "/params/approvals_min", "value": null}],
	},
	# What is not known of approvals is no approval; what is absent here has the harness's value.
	"expect": {"absent": {"/stack/author": "pass", "/params/approvals_min": "pass"}, "unknown": {
		"/stack/author": "fail",
		"/approvals": "fail",
		"/approvals/0/by": "fail",
		"/approvals/0/plan": "fail",
		"/approvals/0/expires": "fail",
		"/params/approvals_min": "fail",
		"/plan": "fail",
	}},
}}

test_good if harness.good("IAM-007", fixtures)

test_bad if harness.bad("IAM-007", fixtures)

test_absent if harness.absent("IAM-007", fixtures)

test_null if harness.null_("IAM-007", fixtures)

test_empty if harness.empty("IAM-007", fixtures)

test_unknown if harness.unknown("IAM-007", fixtures)

test_nothing_sensitive if {
	other := {"resources": {"u": {"type": "aws:ec2/vpc:Vpc", "inputs": {}}}}
	results := harness.results("IAM-007") with input as harness.document(object.union(planned, other))
	results == {}
}

test_nothing_changed if {
	results := harness.results("IAM-007") with input as harness.document(object.union(planned, {"operations": {"u": "same"}}))
	results == {}
}

test_a_review_comes_before_any_approval if {
	asked := harness.document(object.union(planned, {"gate": "review", "approvals": []}))
	data.falaj.rules.iam_007.results.plan.result == "indeterminate" with input as asked
}
