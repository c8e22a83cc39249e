# What a resource says of itself: the tags of a cloud's, those that its provider gives to all included; a Kubernetes one's
# labels.
package falaj.tags

import data.falaj.subject

# {"tags": {key: text}}, or {"labels": …}; unknown as a whole when not all of them are known.
of(resource) := {"labels": subject.at(resource.inputs, "metadata.labels")} if startswith(resource.type, "kubernetes:")

else := {"tags": merged(of_provider(object.get(resource, "provider", {})), subject.at(resource.inputs, "tags"))}

merged(given, own) := {"$unknown": true} if {"$unknown": true} in [given, own]

else := object.union(mapped(given), mapped(own))

mapped(tags) := tags if is_object(tags)

else := {}

# A provider's own inputs are JSON texts in JSON, where they are not plain.
of_provider(provider) := json.unmarshal(provider.defaultTags).tags if json.is_valid(provider.defaultTags)

else := subject.at(provider, "defaultTags.tags")
