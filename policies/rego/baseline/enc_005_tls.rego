# METADATA
# scope: package
# title: TLS 1.2 or later everywhere
# custom:
#   id: ENC-005
#   severity: high
#   level: {dev: advisory, prod: mandatory}
#   applies_to: ["aws:lb/listener:Listener", "aws:alb/listener:Listener", "aws:s3/bucket:Bucket", "aws:rds/parameterGroup:ParameterGroup", "aws:rds/clusterParameterGroup:ClusterParameterGroup", "aws:rds/instance:Instance", "aws:rds/cluster:Cluster", "aws:elasticache/replicationGroup:ReplicationGroup", "aws:elasticache/cluster:Cluster", "azure-native:storage:StorageAccount"]
#   needs: stack
#   on_unknown: defer
#   controls: [UAE-PDPL 20, UAE-IA T4.2.1, UAE-IA T4.5.2, ISO-27001:2022 8.20, ISO-27001:2022 8.24, GDPR 32]
#   remediation: Set a listener's `sslPolicy` to ELBSecurityPolicy-TLS13-1-2-2021-06 or a stricter one; deny `aws:SecureTransport` false in a BucketPolicy; set `rds.force_ssl` or `require_secure_transport` in a parameter group of the stack, `transitEncryptionEnabled` of a cache, `minimumTlsVersion` and `enableHttpsTrafficOnly` of a storage account.
#   owner: platform
package falaj.rules.enc_005

import data.falaj.aws
import data.falaj.graph
import data.falaj.subject

# What says it by itself. A cache that encrypts demands it, if it is not told to only prefer it.
plain := {
	"azure-native:storage:StorageAccount": {"minimumTlsVersion": {"TLS1_2", "TLS1_3"}, "enableHttpsTrafficOnly": {true}},
	"aws:elasticache/replicationGroup:ReplicationGroup": {"transitEncryptionEnabled": {true}, "transitEncryptionMode": {"required", null}},
	"aws:elasticache/cluster:Cluster": {"transitEncryptionEnabled": {true}},
}

words(allowed) := concat(" or ", [sprintf("%v", [value]) | some value in allowed; value != null])

listeners := {"aws:lb/listener:Listener": "aws:lb/listenerRule:ListenerRule", "aws:alb/listener:Listener": "aws:alb/listenerRule:ListenerRule"}

# A listener that speaks HTTP may do one thing only, and so may each of its rules.
wants_listener(protocol) := {
	"defaultActions": "a redirect to HTTPS (or `protocol` HTTPS)",
	"actions of its rules": "redirects to HTTPS",
} if protocol == "HTTP"

else := {
	"protocol": "HTTPS or TLS (or HTTP that redirects to HTTPS)",
	"sslPolicy": "one of TLS 1.2 or later",
}

holds("protocol", listener) if listener.protocol in {"HTTPS", "TLS"}

holds("sslPolicy", listener) if {
	is_string(listener.sslPolicy)
	regex.match(`^ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)-[\w-]+$`, listener.sslPolicy)
}

holds("defaultActions", listener) if redirects(listener.defaultActions)

holds("actions of its rules", listener) if {
	every actions in listener["actions of its rules"] {
		redirects(actions)
	}
}

redirects(actions) if {
	is_array(actions)
	count(actions) > 0
	every action in actions {
		action.type == "redirect"
		action.redirect.protocol == "HTTPS"
	}
}

insecure := {{"Bool": {"aws:SecureTransport": value}} | some value in ["false", false, ["false"]]}

# Nobody, whoever it is, reaches the objects without TLS.
refuses(policy) if {
	some statement in aws.statements(policy)
	statement.Effect == "Deny"
	statement.Principal in {"*", {"AWS": "*"}, {"AWS": ["*"]}}
	statement.Condition in insecure
	some action in aws.listed(statement.Action)
	action in {"*", "s3:*"}
	some resource in aws.listed(statement.Resource)
	is_string(resource)
	endswith(resource, "*")
}

groups := {
	"aws:rds/instance:Instance": {"parameterGroupName": "aws:rds/parameterGroup:ParameterGroup"},
	"aws:rds/cluster:Cluster": {"dbClusterParameterGroupName": "aws:rds/clusterParameterGroup:ClusterParameterGroup"},
}

# The default group of a family is nobody's to judge.
results := object.union_n([
	{urn: verdict |
		some type, properties in plain
		some urn, resource in subject.by_type[type]
		wants := {path: words(allowed) | some path, allowed in properties}
		right := {path | some path, allowed in properties; subject.at(resource.inputs, path) in allowed}
		verdict := subject.judge(resource.inputs, wants, right)
	},
	{urn: verdict |
		some type, rule in listeners
		some urn, listener in subject.by_type[type]
		actions := [subject.at(found.inputs, "actions") | some _, found in graph.pointing(urn, rule, "listenerArn")]
		facts := object.union(listener.inputs, {"actions of its rules": actions})
		wants := wants_listener(subject.at(listener.inputs, "protocol"))
		right := {path | some path, _ in wants; holds(path, facts)}
		verdict := subject.judge(facts, wants, right)
	},
	{urn: verdict |
		some urn, _ in subject.by_type["aws:s3/bucket:Bucket"]
		found := graph.pointing(urn, "aws:s3/bucketPolicy:BucketPolicy", "bucket")
		policies := [subject.at(policy.inputs, "policy") | some _, policy in found]
		wants := {"policy": "a BucketPolicy that denies s3:* on all objects while aws:SecureTransport is false"}
		right := {"policy" | refuses(policies[0]); every policy in policies { refuses(policy) }}
		verdict := subject.judge({"policy": subject.first(policies)}, wants, right)
	},
	{urn: verdict |
		some type in {"aws:rds/parameterGroup:ParameterGroup", "aws:rds/clusterParameterGroup:ClusterParameterGroup"}
		some urn, group in subject.by_type[type]
		wants := {"parameters": "rds.force_ssl 1, for MySQL and MariaDB require_secure_transport ON"}
		right := {"parameters" |
			some parameter in aws.listed(subject.at(group.inputs, "parameters"))
			[parameter.name, parameter.value] in {["rds.force_ssl", "1"], ["require_secure_transport", "1"], ["require_secure_transport", "ON"]}
		}
		verdict := subject.judge(group.inputs, wants, right)
	},
	{urn: verdict |
		some type, properties in groups
		some urn, database in subject.by_type[type]
		wants := {path: "a parameter group of this stack" | some path, _ in properties}
		right := {path |
			some path, group in properties
			graph.given(database, path)
			count(graph.pointed(database, path, [group])) > 0
		}
		verdict := subject.judge(database.inputs, wants, right)
	},
])
