package falaj_test.res_008

import data.falaj_test.cases
import data.falaj_test.harness

set_(path, value) := [{"op": "replace", "path": path, "value": value}]

model := "/resources/agent/inputs/foundationModel"

foundation := "arn:aws:bedrock:me-central-1::foundation-model/amazon.nova-lite-v1:0"

abroad := "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-lite-v1:0"

across := "arn:aws:bedrock:me-central-1:123456789012:inference-profile/global.amazon.nova-lite-v1:0"

agent(named) := {
	"type": "aws:bedrock/agentAgent:AgentAgent",
	"inputs": {
		"agentName": "helper",
		"agentResourceRoleArn": "arn:aws:iam::123456789012:role/agent",
		"foundationModel": named,
	},
}

containers := "/resources/app/inputs/spec/template/spec/containers"

env := concat("", [containers, "/0/env"])

deployment(variables) := {
	"type": "kubernetes:apps/v1:Deployment",
	"inputs": {
		"apiVersion": "apps/v1",
		"kind": "Deployment",
		"metadata": {"name": "app", "namespace": "bank"},
		"spec": {
			"selector": {"matchLabels": {"app": "app"}},
			"template": {
				"metadata": {"labels": {"app": "app"}},
				"spec": {"containers": [{"name": "app", "image": "app", "env": variables}]},
			},
		},
	},
}

fixtures := {
	"profile": {
		"subject": "profile",
		"good": {"resources": {"profile": {
			"type": "aws:bedrock/inferenceProfile:InferenceProfile",
			"inputs": {"name": "helper", "modelSource": {"copyFrom": foundation}},
		}}},
		"paths": ["/resources/profile/inputs/modelSource", "/resources/profile/inputs/modelSource/copyFrom"],
		"bad": {
			"of a model abroad": set_("/resources/profile/inputs/modelSource/copyFrom", abroad),
			"of a profile across regions": set_("/resources/profile/inputs/modelSource/copyFrom", across),
			"of another service": set_("/resources/profile/inputs/modelSource/copyFrom", replace(foundation, "bedrock", "sagemaker")),
		},
	},
	"agent": {
		"subject": "agent",
		"good": {"resources": {"agent": agent("amazon.nova-lite-v1:0")}},
		"paths": [model],
		"bad": {
			"a profile across a continent's regions": set_(model, "eu.amazon.nova-lite-v1:0"),
			"a profile across all regions": set_(model, "global.amazon.nova-lite-v1:0"),
			"a profile across regions by its ARN": set_(model, across),
			"a model abroad": set_(model, abroad),
			"a profile abroad": set_(model, "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/0123456789ab"),
		},
	},
	"agent with a profile": {
		"subject": "agent",
		"good": {"resources": {
			"profile": {
				"type": "aws:bedrock/inferenceProfile:InferenceProfile",
				"inputs": {"modelSource": {"copyFrom": foundation}},
			},
			"agent": object.union(agent(cases.unknown), {"edges": {"foundationModel": ["profile"]}}),
		}},
		"paths": [model, "/resources/agent/edges/foundationModel"],
		"bad": {"another's profile": set_(model, across)},
		# Without the edge, a model that is not known may be any.
		"expect": {
			"absent": {"/resources/agent/edges/foundationModel": "indeterminate"},
			"null": {"/resources/agent/edges/foundationModel": "indeterminate"},
			"empty": {"/resources/agent/edges/foundationModel": "indeterminate"},
			"unknown": {model: "pass"},
		},
	},
	"guardrail": {
		"subject": "guardrail",
		"good": {"resources": {"guardrail": {
			"type": "aws:bedrock/guardrail:Guardrail",
			"inputs": {"blockedInputMessaging": "no", "blockedOutputsMessaging": "no", "name": "guard", "crossRegionConfig": null},
		}}},
		"paths": ["/resources/guardrail/inputs/crossRegionConfig"],
		"bad": {"across regions": set_("/resources/guardrail/inputs/crossRegionConfig", {"guardrailProfileIdentifier": "eu.guardrail.v1:0"})},
		# A guardrail without one stays in its region.
		"expect": {
			"absent": {"/resources/guardrail/inputs/crossRegionConfig": "pass"},
			"null": {"/resources/guardrail/inputs/crossRegionConfig": "pass"},
		},
	},
	"azure": {
		"subject": "gpt",
		"good": {"resources": {"gpt": {
			"type": "azure-native:cognitiveservices:Deployment",
			"inputs": {
				"accountName": "ai",
				"resourceGroupName": "data",
				"properties": {"model": {"format": "OpenAI", "name": "gpt-4o", "version": "2024-11-20"}},
				"sku": {"name": "Standard", "capacity": 10},
			},
		}}},
		"paths": ["/resources/gpt/inputs/sku", "/resources/gpt/inputs/sku/name"],
		"bad": {
			"all the world's": set_("/resources/gpt/inputs/sku/name", "GlobalStandard"),
			"a zone's": set_("/resources/gpt/inputs/sku/name", "DataZoneStandard"),
			"all the world's, in batches": set_("/resources/gpt/inputs/sku/name", "GlobalBatch"),
		},
	},
	"client": {
		"subject": "app",
		"good": {"resources": {"app": deployment([
			{"name": "OPENAI_API_KEY", "valueFrom": {"secretKeyRef": {"name": "llm", "key": "token"}}},
			{"name": "OPENAI_BASE_URL", "value": "http://vllm.serving.svc:8000/v1"},
			{"name": "LOG_LEVEL", "value": "info"},
			{"name": "HOMEPAGE", "value": "https://bank.example.ae"},
		])}},
		"paths": [concat("", [env, "/1/value"]), concat("", [env, "/1/name"])],
		"bad": {
			"the maker's endpoint": set_(concat("", [env, "/1/value"]), "https://api.openai.com/v1"),
			"a host that ends alike": set_(concat("", [env, "/1/value"]), "https://vllm.serving.svc.example.com/v1"),
			"a key and no endpoint": [{"op": "remove", "path": concat("", [env, "/1"])}],
			"a second maker": [{"op": "add", "path": concat("", [env, "/-"]), "value": {"name": "AZURE_OPENAI_ENDPOINT", "value": "https://falaj.openai.azure.com"}}],
			"a second maker's key": [{"op": "add", "path": concat("", [env, "/-"]), "value": {"name": "ANTHROPIC_API_KEY", "valueFrom": {"secretKeyRef": {"name": "llm", "key": "other"}}}}],
			"a key for Azure": set_(concat("", [env, "/0/name"]), "AZURE_OPENAI_API_KEY"),
			"an endpoint by another name": set_(concat("", [env, "/3/value"]), "https://bedrock-runtime.eu-west-1.amazonaws.com"),
			"an endpoint from elsewhere": set_(concat("", [env, "/1"]), {"name": "OPENAI_BASE_URL", "valueFrom": {"configMapKeyRef": {"name": "llm", "key": "url"}}}),
		},
	},
}

test_good if harness.good("RES-008", fixtures)

test_bad if harness.bad("RES-008", fixtures)

test_absent if harness.absent("RES-008", fixtures)

test_null if harness.null_("RES-008", fixtures)

test_empty if harness.empty("RES-008", fixtures)

test_unknown if harness.unknown("RES-008", fixtures)

result(fixture, path, value) := harness.verdict("RES-008", fixtures[fixture], json.patch(fixtures[fixture].good, set_(path, value)))

test_environments_that_are_not_known if {
	result("client", env, cases.unknown) == "indeterminate"
	result("client", containers, cases.unknown) == "indeterminate"
}

test_without_an_environment_nobody_is_asked if result("client", env, null) == "pass"

test_a_profile_of_ones_own if result("agent", model, "arn:aws:bedrock:me-central-1:123456789012:application-inference-profile/0123456789ab") == "pass"

test_a_foundation_model_by_its_arn if result("agent", model, foundation) == "pass"

test_bedrock_in_the_region if result("client", concat("", [env, "/3/value"]), "https://bedrock-runtime.me-central-1.amazonaws.com") == "pass"
