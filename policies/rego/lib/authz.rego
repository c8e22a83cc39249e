# Who may ask OPA what: the holder of the token may query the gate, anyone on this machine its health. Nobody changes
# a policy over the network, token or not.
package system.authz

default allow := false

allow if {
	input.method == "GET"
	input.path == ["health"]
}

allow if {
	input.method == "POST"
	array.slice(input.path, 0, 3) == ["v1", "data", "falaj"]
	holder(opa.runtime().env)
}

holder(environment) if {
	environment.FALAJ_OPA_TOKEN != ""
	input.identity == environment.FALAJ_OPA_TOKEN
}
