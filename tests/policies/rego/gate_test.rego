package falaj_test.gate

import data.falaj.gate
import data.falaj.graph
import data.falaj.subject
import data.falaj_test.cases
import data.system.authz

server := cases.resource("falaj:local:DecisionServer", {
	"bind": "127.0.0.1",
	"auth": "token",
	"memory_mib": 1,
	"telemetry": false,
})

# As the bundle has it, made of the rules' metadata.
catalogue := {upper(replace(name, "_", "-")): {} | some name, _ in data.falaj.rules}

test_every_rule_answers if {
	decision := gate.decision with input as object.union(server, {"resources": {"u": {"inputs": {"auth": "none"}}}})
		with data.falaj.catalogue as catalogue
	decision.rules["LOC-001"] == {"judged": 1, "open": {}}
	decision.rules["LOC-002"].open.u.result == "fail"
	decision.rules["LOC-003"] == {"judged": 0, "open": {}}
	decision.rules["REL-001"] == {"judged": 0, "open": {}}
	decision.errored == set()
}

test_one_resource_does_not_answer_for_what_stands_beside_it if {
	bucket := cases.resource("aws:s3/bucket:Bucket", {})
	alone := gate.decision with input as bucket with data.falaj.catalogue as {"ENC-001": {"needs": "stack"}}
	not alone.rules["ENC-001"]
	alone.errored == set()
	together := gate.decision with input as object.union(bucket, {"gate": "stack"}) with data.falaj.catalogue as catalogue
	together.rules["ENC-001"].judged == 1
}

test_the_canary_always_fails_and_names_the_question if {
	every canary in ["q-1", null, "", {}, cases.unknown] {
		verdict := gate.rules["CAN-000"].open.canary with input as object.union(server, {"canary": canary})
			with data.falaj.catalogue as catalogue
		verdict.result != "pass"
	}
	verdict := gate.rules["CAN-000"].open.canary with input as object.union(server, {"canary": "q-1"})
		with data.falaj.catalogue as catalogue
	verdict == {"result": "fail", "message": `canary is "q-1", must be never right`}
	gate.rules["CAN-000"].open.canary.result == "fail" with input as {} with data.falaj.catalogue as catalogue
}

test_a_rule_without_results_is_named if {
	gate.errored == {"XXX-001"} with data.falaj.catalogue as {"XXX-001": {}, "LOC-001": {}} with input as server
}

test_empty_documents_are_about_nothing if {
	every document in [{}, {"resources": {}}, {"resources": null, "gate": "plan "}, {"gate": "release "}] {
		rules := gate.rules with input as document with data.falaj.catalogue as catalogue
		{id | some id, rule in rules; rule.judged > 0} == {"CAN-000"}
	}
}

# Who asks sends the index along; a question without it is sorted here, which all other tests do.
test_a_question_with_its_index if {
	known := {"u": {"type": "aws:s3/bucketV2:BucketV2", "inputs": {}, "edges": {}}}
	index := {"kinds": {"aws:s3/bucketV2:BucketV2": "aws:s3/bucket:Bucket"}, "by_type": {"aws:s3/bucket:Bucket": ["u"]}, "into": {"k": ["u"]}}
	found := subject.by_type with input as {"resources": known, "index": index}
	found == {"aws:s3/bucket:Bucket": known}
	into := graph.into with input as {"resources": known, "index": index}
	into == {"k": ["u"]}
}

test_edges_of_what_lies_within_count if {
	resource := {"edges": {"rules[0].key": ["k"], "name": ["n"]}}
	graph.targets(resource, "rules") == {"k"}
	graph.targets(resource, "rules[0].key.id") == {"k"}
	graph.targets(resource, "nam") == set()
}

test_shown if {
	subject.shown(cases.unknown) == "not known yet"
	subject.shown(cases.secret) == "a secret, which no rule can read"
	subject.shown({"$literal_secret": true}) == "a literal secret, which is not shown"
	subject.shown(null) == "absent"
	subject.shown("") == "empty"
	subject.shown(1) == "1"
	count(subject.shown(concat("", [sprintf("%d", [n]) | some n in numbers.range(1, 1000)]))) == 120
}

test_nested_unknown_is_unknown if {
	subject.is_unknown({"a": [cases.unknown]})
	not subject.is_unknown({"a": [1]})
}

token := {"env": {"FALAJ_OPA_TOKEN": "t"}}

query := {"method": "POST", "path": ["v1", "data", "falaj", "gate", "decision"]}

test_authz if {
	authz.allow with input as {"method": "GET", "path": ["health"]}
	authz.allow with input as object.union(query, {"identity": "t"}) with opa.runtime as token
}

test_authz_refuses if {
	every request in [
		{},
		query,
		object.union(query, {"identity": ""}),
		object.union(query, {"identity": "u"}),
		{"method": "PUT", "path": ["v1", "policies", "x"], "identity": "t"},
		{"method": "PUT", "path": ["v1", "data", "falaj"], "identity": "t"},
		{"method": "GET", "path": ["v1", "config"], "identity": "t"},
		{"method": "POST", "path": ["v1", "query"], "identity": "t"},
		{"method": "POST", "path": ["v1", "data", "system"], "identity": "t"},
		{"method": "POST", "path": ["health"]},
	] {
		not authz.allow with input as request with opa.runtime as token
	}
}

# An OPA started without a token obeys nobody.
test_authz_without_a_token if {
	every environment in [{}, {"FALAJ_OPA_TOKEN": ""}] {
		every identity in ["", null] {
			request := object.union(query, {"identity": identity})
			not authz.allow with input as request with opa.runtime as {"env": environment}
		}
	}
}
