# METADATA
# scope: package
# title: Tenants are kept apart
# custom:
#   id: K8S-004
#   severity: critical
#   level: {dev: mandatory, prod: mandatory}
#   applies_to: ["kubernetes:*", "aws:*", "azure-native:*", "falaj:*"]
#   needs: stack
#   on_unknown: deny
#   controls: [UAE-IA T5.6.2, UAE-IA T4.5.3, ISO-27001:2022 8.22, CBUAE-CPS 6.1.1.2]
#   remediation: Label every Namespace `falaj.ae/tenant` with its tenant, or shared, and give a tenant's a ResourceQuota, a LimitRange and a RoleBinding; let resources use only those of their own tenant, or tag what all may use `tenant` shared.
#   owner: tenancy
package falaj.rules.k8s_004

import data.falaj.namespace
import data.falaj.subject
import data.falaj.tags

namespace_type := "kubernetes:core:Namespace"

# {urn: tenant} of all that says whose it is, or lies in a namespace that does; a Namespace has to say it.
tenants := {urn: tenant |
	some resources in subject.by_type
	some urn, resource in resources
	tenant := tenant_of(urn, resource)
}

tenant_of(urn, resource) := tenant if tenant := own(resource)

else := null if subject.kinds[resource.type] == namespace_type

else := [tenant | some around in places(urn, resource); tenant := own(around)][0]

own(resource) := [tenant |
	some said in tags.of(resource)
	some key in ["falaj.ae/tenant", "tenant"]
	tenant := subject.at(said, key)
	tenant != null
][0]

places(urn, resource) := namespace.members(namespace.of(urn, resource), namespace_type) if {
	startswith(resource.type, "kubernetes:")
} else := {}

# What a resource uses: what it depends on, and the namespace it lies in.
used(urn, resource) := {target | some targets in object.get(resource, "edges", {}); some target in targets} | object.keys(places(urn, resource))

# What a tenant's namespace has to have in it, and where that says something.
parts := {
	"ResourceQuota": {"type": "kubernetes:core:ResourceQuota", "path": "spec.hard"},
	"LimitRange": {"type": "kubernetes:core:LimitRange", "path": "spec.limits"},
	"RoleBinding": {"type": "kubernetes:rbac.authorization.k8s.io:RoleBinding", "path": "subjects"},
}

# {part: what those in the namespace say}
inside(urn, resource) := {part: said |
	subject.kinds[resource.type] == namespace_type
	tenants[urn] != "shared"
	some part, place in parts
	said := [subject.at(found.inputs, place.path) | some found in namespace.members(namespace.of(urn, resource), place.type)]
}

# {what: tenant} of what a resource uses; who is not known may not share with anyone.
beside(urn, resource) := {what: tenant |
	some target in used(urn, resource)
	what := sprintf("tenant of %s", [target])
	tenant := object.get({{"$unknown": true}: {"$unknown": true}}, tenants[urn], tenants[target])
}

holds(tenant, value) if "shared" in {tenant, value}

holds(tenant, tenant) if subject.named(tenant)

some_said(value) if {
	some said in value
	said != {"$unknown": true}
	some _ in said
}

results := {urn: verdict(urn, input.resources[urn], tenant) | some urn, tenant in tenants}

verdict(urn, resource, tenant) := subject.passed if {
	subject.named(tenant)
	subject.kinds[resource.type] != namespace_type
	every target in used(urn, resource) {
		holds(tenant, object.get(tenants, target, tenant))
	}
}

else := subject.judge(values, wants, right) if {
	others := beside(urn, resource)
	limits := inside(urn, resource)
	values := object.union_n([{"tenant": tenant}, others, limits])
	wants := object.union_n([
		{"tenant": "a tenant's name, or shared"},
		{what: want | want := sprintf("%s, or shared", [subject.shown(tenant)]); some what, _ in others},
		{part: "one in the namespace that is not empty" | some part, _ in limits},
	])
	right := ({"tenant" | subject.named(tenant)} | {what | some what, other in others; holds(tenant, other)}) | {part | some part, said in limits; some_said(said)}
}
