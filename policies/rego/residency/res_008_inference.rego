# METADATA
# scope: package
# title: Models are asked in an allowed region only
# custom:
#   id: RES-008
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["aws:bedrock/inferenceProfile:InferenceProfile", "aws:bedrock/agentAgent:AgentAgent", "aws:bedrock/guardrail:Guardrail", "azure-native:cognitiveservices:Deployment", "kubernetes:core:Pod", "kubernetes:apps:Deployment", "kubernetes:apps:StatefulSet", "kubernetes:apps:DaemonSet", "kubernetes:apps:ReplicaSet", "kubernetes:batch:Job", "kubernetes:batch:CronJob", "kubernetes:ray.io:RayCluster", "kubernetes:ray.io:RayJob", "kubernetes:ray.io:RayService"]
#   on_unknown: deny
#   controls: [UAE-PDPL 22, UAE-ICT-HEALTH 13, CBUAE-OUTSOURCING 6.3, GDPR 44, ISO-42001:2023 A.10.3]
#   remediation: Copy an inference profile from a `foundation-model/` ARN of an allowed region, drop a guardrail's `crossRegionConfig`, set `sku.name` of an Azure deployment to Standard or ProvisionedManaged; in a pod give `value` of the client's base URL (not `valueFrom`) a host below one of `hosts` in the stack's policy.
#   owner: platform
package falaj.rules.res_008

import data.falaj.aws
import data.falaj.graph
import data.falaj.place
import data.falaj.pod
import data.falaj.subject

# What says where a model of a cloud answers.
models := {
	"aws:bedrock/inferenceProfile:InferenceProfile": {"modelSource.copyFrom": "a foundation model's ARN in an allowed region"},
	"aws:bedrock/agentAgent:AgentAgent": {"foundationModel": "a foundation model's ID, or an ARN in an allowed region, of no profile across regions"},
	"aws:bedrock/guardrail:Guardrail": {"crossRegionConfig": "absent"},
	"azure-native:cognitiveservices:Deployment": {"sku.name": "Standard or ProvisionedManaged"},
}

holds("modelSource.copyFrom", source, _) if regional(source, "foundation-model/")

holds("foundationModel", model, _) if regional(model, "foundation-model/")

# A profile of one's own is judged where it is made.
holds("foundationModel", profile, _) if regional(profile, "application-inference-profile/")

holds("foundationModel", _, agent) if graph.proven(agent, "foundationModel", ["aws:bedrock/inferenceProfile:InferenceProfile"])

# A profile across regions has one part more in its name: `eu.anthropic.…`, `global.anthropic.…`.
holds("foundationModel", model, _) if subject.matches(`^[a-z0-9]+\.[A-Za-z0-9:_-]+$`, model)

holds("crossRegionConfig", null, _)

holds("sku.name", name, _) if name in {"Standard", "ProvisionedManaged"}

regional(text, kind) if {
	found := aws.arn(text)
	found.service == "bedrock"
	found.region in input.params.regions.aws
	startswith(found.resource, kind)
}

makers := "(AI21|ANTHROPIC|AZURE_OPENAI|CO|COHERE|DEEPSEEK|FIREWORKS|GEMINI|GOOGLE_AI|GROQ|MISTRAL|OPENAI|OPENROUTER|PERPLEXITY|REPLICATE|TOGETHER|XAI)"

# Variables that say where a client asks, and those that hold its key: who has a key and does not say where asks the maker,
# abroad.
address := sprintf(`^(%s|LLM|INFERENCE)(_API)?_(BASE|BASE_URL|ENDPOINT|HOST|URL)$`, [makers])

key := sprintf(`^%s_API_(KEY|TOKEN)$`, [makers])

services := `(?i)^https?://([^/?#@]*\.)?(ai21|anthropic|api-inference\.huggingface|router\.huggingface|bedrock[a-z0-9.-]*\.amazonaws|cohere|deepseek|(aiplatform|generativelanguage)\.googleapis|fireworks|groq|mistral|openai|openai\.azure|openrouter|perplexity|replicate|together|x)\.(ai|co|com|xyz)([:/?#]|$)`

want := sprintf("at an allowed host (%s)", [place.hosts])

asks(name, _) if subject.matches(address, name)

asks(_, value) if subject.matches(services, value)

# {path of a value: what it must be} of an environment.
asked(at, env) := object.union_n([
	{path: sprintf("%s (%v)", [want, subject.at(variable, "name")]) |
		some entry, variable in subject.items(at, env)
		asks(subject.at(variable, "name"), subject.at(variable, "value"))
		path := concat(".", [entry, "value"])
	},
	{path: "known" |
		some entry, variable in subject.items(at, env)
		subject.at(variable, "name") == {"$unknown": true}
		path := concat(".", [entry, "name"])
	},
	{path: want |
		names := {subject.at(variable, "name") | some variable in subject.items(at, env)}
		some maker in keyed(names)
		count(addresses(maker, names)) == 0
		path := concat(".", [at, concat("_", [maker, "BASE_URL"])])
	},
])

keyed(names) := {maker |
	some name in names
	is_string(name)
	[[_, maker, _]] := regex.find_all_string_submatch_n(key, name, 1)
}

# One that is not known may be the address.
addresses(maker, names) := {name |
	some name in names
	subject.matches(address, name)
	startswith(name, concat("", [maker, "_"]))
} | (names & {{"$unknown": true}})

results := object.union_n([
	{urn: verdict |
		some type, wants in models
		some urn, model in subject.by_type[type]
		right := {path | some path, _ in wants; holds(path, subject.at(model.inputs, path), model)}
		verdict := subject.judge(model.inputs, wants, right)
	},
	{urn: verdict |
		some type in pod.types
		some urn, pods in subject.by_type[type]
		wants := object.union_n([asked(path, subject.at(container, "env")) |
			some at, container in pod.containers(pods)
			path := concat(".", [at, "env"])
		])
		right := {path | some path, _ in wants; place.host(subject.at(pods.inputs, path))}
		verdict := subject.judge(pods.inputs, wants, right)
	},
])
