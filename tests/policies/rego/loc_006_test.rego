package falaj_test.loc_006

import data.falaj.rules.loc_006
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"supervisor": {
	"subject": "supervisor",
	"good": {"resources": {"supervisor": {
		"type": "falaj:local:Supervisor",
		"inputs": {"path": "/s/supervisor", "log_max_mib": 10, "log_backups": 3},
	}}},
	"paths": ["/resources/supervisor/inputs/log_max_mib", "/resources/supervisor/inputs/log_backups"],
	"bad": object.union_n([
		cases.wrong("/resources/supervisor/inputs/log_max_mib", {
			"rotated at once": 0,
			"too large": 1025,
			"size as text": "10",
		}),
		cases.wrong("/resources/supervisor/inputs/log_backups", {
			"nothing kept": 0,
			"too many": 101,
		}),
		cases.wrong("/resources/supervisor/inputs", {"no inputs": {}, "null": null}),
	]),
}}

test_good if harness.good("LOC-006", fixtures)

test_bad if harness.bad("LOC-006", fixtures)

test_absent if harness.absent("LOC-006", fixtures)

test_null if harness.null_("LOC-006", fixtures)

test_empty if harness.empty("LOC-006", fixtures)

test_unknown if harness.unknown("LOC-006", fixtures)

test_other_types_are_not_judged if {
	count(loc_006.results) == 0 with input as cases.resource("falaj:local:Region", {"log_backups": 0})
}

test_boundary if {
	every inputs in [{"log_max_mib": 1, "log_backups": 1}, {"log_max_mib": 1024, "log_backups": 100}] {
		loc_006.results.u.result == "pass" with input as cases.resource("falaj:local:Supervisor", inputs)
	}
}

test_secret if {
	every path in fixtures.supervisor.paths {
		harness.verdict("LOC-006", fixtures.supervisor, harness.set_to(fixtures.supervisor, path, cases.secret)) == "fail"
	}
}
