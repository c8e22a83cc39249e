# The six cases of a rule, and the mutants of its fixtures, from data: what is right, what is wrong with it, and which of
# its properties matter. `fixtures` is {name: {
#   good:    {resources, …}: a document that passes; what it does not set comes from `base`,
#   subject: the judged resource's name in it, or `stack`, `plan`, `release`, `waiver:ID`,
#   paths:   JSON pointers into `good`; with any of them absent, null or empty the rule fails, unknown it is indeterminate,
#   bad:     {what is wrong: JSON patch of `good`}; each of them fails,
#   expect:  {case: {path: another result}}, where the provider's own default is safe or something else decides,
# }}.
package falaj_test.harness

import data.falaj_test.cases

base := {
	"schema": 1,
	"gate": "stack",
	"stack": stack,
	"resources": {},
	"operations": {},
	"release": null,
	"params": params,
	"waivers": [],
	"approvals": [],
	"plan": null,
	"now": "2026-11-25T08:00:00.000+00:00",
}

stack := {
	"name": "uae-aws",
	"project": "falaj",
	"kind": "region",
	"profile": "prod",
	"jurisdiction": "uae",
	"regimes": ["pdpl"],
	"regime": "pdpl",
	"data_class": "confidential",
	"lawful_basis": "contract",
	"tenant": null,
	"backend": "s3://state?region=me-central-1",
	"secrets_provider": "awskms://alias/state?region=me-central-1",
	"author": "author@example.ae",
	"dry_run": true,
}

# What policies/gate/params.py resolves for this stack; a test holds the two against each other.
params := {
	"regions": {"aws": ["me-central-1"], "azure": ["uaecentral", "uaenorth"]},
	"registries": ["123456789012.dkr.ecr.me-central-1.amazonaws.com"],
	"hosts": [".me-central-1.amazonaws.com", ".svc.cluster.local", ".svc"],
	"egress_cidrs": ["10.0.0.0/8"],
	"edge_ports": [443],
	"key_rotation_days_max": 365,
	"key_deletion_days_min": 30,
	"log_retention_days_min": 180,
	"log_retention_days_max": 3653,
	"required_tags": ["cost-centre", "data-class", "env", "owner", "purpose", "retention", "tenant"],
	"max_gpus": 8,
	"monthly_budget": 20000,
	"backup_test_days_max": 90,
	"bias_test_days_max": 365,
	"ray_version_min": "2.52.0",
	"approvals_min": 2,
	"approval_hours_max": 24,
}

document(good) := object.union(base, good)

results(rule) := data.falaj.rules[lower(replace(rule, "-", "_"))].results

verdict(rule, fixture, good) := result if result := results(rule)[fixture.subject].result with input as document(good)

else := "nothing"

patched(fixture, patch) := json.patch(fixture.good, patch)

expected(fixture, name, path, usual) := object.get(fixture, ["expect", name, path], usual)

set_to(fixture, path, value) := patched(fixture, [{"op": "replace", "path": path, "value": value}])

good(rule, fixtures) if {
	count(fixtures) > 0
	every name, fixture in fixtures {
		same(rule, name, "good", "", verdict(rule, fixture, fixture.good), "pass")
	}
}

bad(rule, fixtures) if {
	every name, fixture in fixtures {
		count(fixture.bad) > 0
		every what, patch in fixture.bad {
			same(rule, name, "bad", what, verdict(rule, fixture, patched(fixture, patch)), "fail")
		}
	}
}

absent(rule, fixtures) if {
	every name, fixture in fixtures {
		count(fixture.paths) > 0
		every path in fixture.paths {
			found := verdict(rule, fixture, json.remove(fixture.good, [path]))
			same(rule, name, "absent", path, found, expected(fixture, "absent", path, "fail"))
		}
	}
}

null_(rule, fixtures) if {
	every name, fixture in fixtures {
		every path in fixture.paths {
			found := verdict(rule, fixture, set_to(fixture, path, null))
			same(rule, name, "null", path, found, expected(fixture, "null", path, "fail"))
		}
	}
}

empty(rule, fixtures) if {
	every name, fixture in fixtures {
		every path in fixture.paths {
			every nothing in cases.empties {
				found := verdict(rule, fixture, set_to(fixture, path, nothing))
				same(rule, name, "empty", path, found, expected(fixture, "empty", path, "fail"))
			}
		}
	}
}

unknown(rule, fixtures) if {
	every name, fixture in fixtures {
		every path in fixture.paths {
			found := verdict(rule, fixture, set_to(fixture, path, cases.unknown))
			same(rule, name, "unknown", path, found, expected(fixture, "unknown", path, "indeterminate"))
		}
	}
}

same(_, _, _, _, found, wanted) if found == wanted

same(rule, name, kind, what, found, wanted) if {
	found != wanted
	print(rule, name, kind, what, "is", found, "and should be", wanted)
	false
}

# {fixture: [{path, value, result}]}: what became of every mutant of every property that matters.
mutants(rule, fixtures) := {name: changed |
	some name, fixture in fixtures
	changed := [{"path": path, "value": value, "result": result} |
		some path in fixture.paths
		some value in mutations(at_pointer(fixture.good, path))
		result := verdict(rule, fixture, set_to(fixture, path, value))
	]
}

mutations(value) := {null, "", [], {}, false, -1} - {value} if is_boolean(value)

else := {null, "", [], {}, false, true, -1, "mutant"} if is_number(value)

else := {null, "", [], {}, false, true, -1, "mutant"} if is_string(value)

else := {null, "", [], {}, false, true, -1, "mutant", ["mutant"]} if is_array(value)

else := {null, "", [], {}, false, true, -1, "mutant", {"mutant": "mutant"}}

at_pointer(values, path) := object.get(values, keys, null) if {
	keys := [key |
		some part in split(trim_left(path, "/"), "/")
		key := as_key(replace(replace(part, "~1", "/"), "~0", "~"))
	]
}

as_key(part) := to_number(part) if regex.match(`^\d+$`, part)

else := part
