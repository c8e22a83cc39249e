# METADATA
# scope: package
# title: Services are reached from inside, and by TLS
# custom:
#   id: NET-009
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["kubernetes:core:Service", "kubernetes:networking.k8s.io:Ingress"]
#   on_unknown: defer
#   controls: [UAE-IA T5.4.5, ISO-27001:2022 8.20]
#   remediation: Make a Service ClusterIP, or a LoadBalancer with the annotation `service.beta.kubernetes.io/aws-load-balancer-scheme` internal or `service.beta.kubernetes.io/azure-load-balancer-internal` "true", and drop `externalIPs`; name every host of an Ingress in a `tls` entry with a `secretName`.
#   owner: platform
package falaj.rules.net_009

import data.falaj.aws
import data.falaj.subject

# Any of these keeps a load balancer inside, and none of them may say otherwise.
inside := {
	"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
	"service.beta.kubernetes.io/aws-load-balancer-internal": "true",
	"service.beta.kubernetes.io/azure-load-balancer-internal": "true",
}

wants_service := {
	"type": "ClusterIP (or a LoadBalancer that is internal)",
	"load balancer": "internal by an annotation",
	"externalIPs": "none",
}

# A type that is absent is ClusterIP; an external name is an alias and lets nobody in.
holds("type", service) if service.type in {null, "ClusterIP", "ExternalName", "LoadBalancer"}

holds("load balancer", service) if service.type != "LoadBalancer"

holds("load balancer", service) if {
	count(service["load balancer"]) > 0
	every annotation, value in service["load balancer"] {
		value == inside[annotation]
	}
}

holds("externalIPs", service) if service.externalIPs in {null, []}

# What is said about the load balancer, for Kubernetes to hand on.
facts(service) := {
	"type": subject.at(service.inputs, "spec.type"),
	"externalIPs": subject.at(service.inputs, "spec.externalIPs"),
	"load balancer": {annotation: value |
		annotations := subject.at(service.inputs, "metadata.annotations")
		some annotation, _ in inside
		value := subject.at(annotations, annotation)
		value != null
	},
}

# {path: [value, what it must be]} of an Ingress: its TLS, and the hosts of its rules.
asked(inputs) := object.union_n([
	{"spec.tls": [tls, "an entry for the hosts"] | tls := subject.at(inputs, "spec.tls"); tls in {null, []}},
	{path: [subject.at(entry, key), want] |
		some where, entry in subject.items("spec.tls", subject.at(inputs, "spec.tls"))
		some key, want in {"hosts": "names of hosts", "secretName": "the Secret with the certificate"}
		path := concat(".", [where, key])
	},
	{concat(".", [where, "host"]): [subject.at(rule, "host"), "one of the hosts in spec.tls"] |
		some where, rule in subject.items("spec.rules", subject.at(inputs, "spec.rules"))
	},
])

secured(path, name, _) if {
	endswith(path, ".secretName")
	subject.named(name)
}

secured(path, hosts, _) if {
	endswith(path, ".hosts")
	is_array(hosts)
	count(hosts) > 0
	every host in hosts { subject.named(host) }
}

secured(path, host, hosts) if {
	endswith(path, ".host")
	subject.named(host)
	host in hosts
}

# A certificate for *.example.ae is one for each host right below.
secured(path, host, hosts) if {
	endswith(path, ".host")
	is_string(host)
	regex.replace(host, `^[^.]+`, "*") in hosts
}

# While not all of TLS is known, a host may be in it yet.
secured(path, host, hosts) if {
	endswith(path, ".host")
	subject.named(host)
	subject.is_unknown(hosts)
}

results := object.union_n([
	{urn: verdict |
		some urn, resource in subject.by_type["kubernetes:core:Service"]
		service := facts(resource)
		right := {fact | some fact, _ in wants_service; holds(fact, service)}
		verdict := subject.judge(service, wants_service, right)
	},
	{urn: verdict |
		some urn, ingress in subject.by_type["kubernetes:networking.k8s.io:Ingress"]
		found := asked(ingress.inputs)
		hosts := {host | some path, [said, _] in found; endswith(path, ".hosts"); some host in aws.listed(said)}
		values := {path: value | some path, [value, _] in found}
		wants := {path: want | some path, [_, want] in found}
		right := {path | some path, value in values; secured(path, value, hosts)}
		verdict := subject.judge(values, wants, right)
	},
])
