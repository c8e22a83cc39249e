package falaj_test.rel_011

import data.falaj.rules.rel_011
import data.falaj_test.cases
import data.falaj_test.harness

fixtures := {"release": {
	"subject": "release",
	"good": object.union(cases.release, {"stack": harness.stack}),
	"paths": [
		"/release",
		"/release/residency",
		"/release/residency/jurisdiction",
		"/release/residency/data",
		"/release/residency/model",
		"/release/residency/endpoint",
		"/stack/jurisdiction",
		"/params",
		"/params/hosts",
		"/params/backends",
	],
	"bad": object.union_n([
		cases.wrong("/release/residency/jurisdiction", {"jurisdiction, another": "eu"}),
		cases.wrong("/release/residency/data", {"data, a bucket of somebody": "s3://bucket/data", "data, another country": "https://x.us-east-1.amazonaws.com/d", "data, a bare path": "/s/store", "data, no file": "file:///"}),
		cases.wrong("/release/residency/model", {"model, a hub": "https://huggingface.co/m"}),
		cases.wrong("/release/residency/endpoint", {"endpoint, abroad": "https://api.example.com/predict", "endpoint, a file": "file:///s/store"}),
		cases.wrong("/params/backends", {"backends, no files here": ["s3"]}),
		cases.wrong("/params/hosts", {"hosts, other hosts": [".eu-central-1.amazonaws.com"], "hosts, one that is none": [null, 7]}),
	]),
	"expect": {"absent": {path: "pass" | some path in ["/stack/jurisdiction", "/params/hosts"]}, "unknown": {path: "fail" | some path in ["/stack/jurisdiction", "/params", "/params/hosts", "/params/backends"]}},
}}

test_good if harness.good("REL-011", fixtures)

test_bad if harness.bad("REL-011", fixtures)

test_absent if harness.absent("REL-011", fixtures)

test_null if harness.null_("REL-011", fixtures)

test_empty if harness.empty("REL-011", fixtures)

test_unknown if harness.unknown("REL-011", fixtures)

test_other_gates_are_not_judged if {
	count(rel_011.results) == 0 with input as cases.resource("release", cases.good_release)
}
