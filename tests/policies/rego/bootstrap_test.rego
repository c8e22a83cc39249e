# The stack that makes where states are kept is asked for none of what comes after it, as long as it makes nothing else.
package falaj_test.bootstrap

import data.falaj.rules.cst_001
import data.falaj.rules.log_002
import data.falaj.rules.res_010

params := {"regions": {"aws": ["me-central-1"], "azure": []}, "backends": ["s3"], "hosts": [], "monthly_budget": 0}

document(kind, resources) := {
	"gate": "stack",
	"stack": {"kind": kind, "backend": "file:///here", "secrets_provider": "passphrase"},
	"params": params,
	"resources": resources,
}

backend := {
	"stack": {"type": "pulumi:pulumi:Stack", "inputs": {}},
	"backend": {"type": "falaj:aws:StateBackend", "inputs": {}},
	"key": {"type": "aws:kms/key:Key", "inputs": {}},
	"bucket": {"type": "aws:s3/bucket:Bucket", "inputs": {}},
}

rules := {"CST-001": cst_001.results, "LOG-002": log_002.results, "RES-010": res_010.results}

asked(question) := found if {
	found := {rule | some rule, results in rules; count(results) > 0} with input as question
}

all_of_them := {"CST-001", "LOG-002", "RES-010"}

test_it_is_asked_for_none_of_them if asked(document("bootstrap", backend)) == set()

test_it_may_make_nothing_else if {
	more := object.union(backend, {"database": {"type": "aws:rds/instance:Instance", "inputs": {}}})
	asked(document("bootstrap", more)) == all_of_them
}

test_others_are_asked if {
	asked(document("region", backend)) == all_of_them
	asked(document(null, backend)) == all_of_them
}
