# What Azure names look like.
package falaj.azure

# The ID of a resource of a type such as `Microsoft.OperationalInsights/workspaces`; letters of either case are the same.
is_id(text, type) if {
	is_string(text)
	id := lower(text)
	startswith(id, "/subscriptions/")
	[_, name] := split(id, lower(sprintf("/providers/%s/", [type])))
	regex.match(`^[^/]+$`, name)
}

# The ID of a subscription, and of nothing in it.
is_subscription(text) if {
	is_string(text)
	regex.match(`^/?subscriptions/[^/]+/?$`, text)
}
