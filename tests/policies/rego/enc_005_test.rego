package falaj_test.enc_005

import data.falaj_test.cases
import data.falaj_test.harness

balancer := "arn:aws:elasticloadbalancing:me-central-1:123456789012:loadbalancer/app/web/50dc6c495c0c9188"

target := "arn:aws:elasticloadbalancing:me-central-1:123456789012:targetgroup/web/73e2d6bc24d8a067"

denial := {
	"Version": "2012-10-17",
	"Statement": [{
		"Sid": "TlsOnly",
		"Effect": "Deny",
		"Principal": "*",
		"Action": "s3:*",
		"Resource": ["arn:aws:s3:::lake", "arn:aws:s3:::lake/*"],
		"Condition": {"Bool": {"aws:SecureTransport": "false"}},
	}],
}

statement := "/resources/policy/inputs/policy/Statement/0"

fixtures := {
	"listener": {
		"subject": "listener",
		"good": {"resources": {"listener": {
			"type": "aws:lb/listener:Listener",
			"inputs": {
				"loadBalancerArn": balancer,
				"port": 443,
				"protocol": "HTTPS",
				"sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
				"certificateArn": "arn:aws:acm:me-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
				"defaultActions": [{"type": "forward", "targetGroupArn": target}],
			},
		}}},
		"paths": ["/resources/listener/inputs/protocol", "/resources/listener/inputs/sslPolicy"],
		"bad": {
			"TLS 1.0": [{"op": "replace", "path": "/resources/listener/inputs/sslPolicy", "value": "ELBSecurityPolicy-2016-08"}],
			"TLS 1.3, and 1.0 with it": [{"op": "replace", "path": "/resources/listener/inputs/sslPolicy", "value": "ELBSecurityPolicy-TLS13-1-0-2021-06"}],
			"forwards HTTP": [{"op": "replace", "path": "/resources/listener/inputs/protocol", "value": "HTTP"}],
			"no TLS at all": [{"op": "replace", "path": "/resources/listener/inputs/protocol", "value": "TCP"}],
		},
	},
	"redirect": {
		"subject": "listener",
		"good": {"resources": {
			"listener": {
				"type": "aws:alb/listener:Listener",
				"inputs": {
					"loadBalancerArn": balancer,
					"port": 80,
					"protocol": "HTTP",
					"defaultActions": [{"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}],
				},
			},
			"rule": {
				"type": "aws:alb/listenerRule:ListenerRule",
				"inputs": {
					"listenerArn": cases.unknown,
					"conditions": [{"pathPattern": {"values": ["/old/*"]}}],
					"actions": [{"type": "redirect", "redirect": {"protocol": "HTTPS", "path": "/new", "statusCode": "HTTP_302"}}],
				},
				"edges": {"listenerArn": ["listener"]},
			},
		}},
		"paths": [
			"/resources/listener/inputs/protocol",
			"/resources/listener/inputs/defaultActions",
			"/resources/listener/inputs/defaultActions/0/type",
			"/resources/listener/inputs/defaultActions/0/redirect/protocol",
			"/resources/rule/inputs/actions",
			"/resources/rule/inputs/actions/0/redirect/protocol",
		],
		"bad": {
			"keeps the protocol": [{"op": "replace", "path": "/resources/listener/inputs/defaultActions/0/redirect/protocol", "value": "#{protocol}"}],
			"also forwards": [{
				"op": "add",
				"path": "/resources/listener/inputs/defaultActions/-",
				"value": {"type": "forward", "targetGroupArn": target},
			}],
			"a rule forwards": [{
				"op": "replace",
				"path": "/resources/rule/inputs/actions",
				"value": [{"type": "forward", "targetGroupArn": target}],
			}],
		},
		# Of a listener that may speak HTTPS, the policy is missing.
		"expect": {"unknown": {"/resources/listener/inputs/protocol": "fail"}},
	},
	"bucket": {
		"subject": "bucket",
		"good": {"resources": {
			"bucket": {"type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "lake"}},
			"policy": {
				"type": "aws:s3/bucketPolicy:BucketPolicy",
				"inputs": {"bucket": cases.unknown, "policy": denial},
				"edges": {"bucket": ["bucket"]},
			},
		}},
		"paths": [
			"/resources/policy/inputs/policy",
			"/resources/policy/inputs/policy/Statement",
			concat("/", [statement, "Effect"]),
			concat("/", [statement, "Principal"]),
			concat("/", [statement, "Action"]),
			concat("/", [statement, "Resource"]),
			concat("/", [statement, "Condition"]),
			concat("/", [statement, "Condition/Bool/aws:SecureTransport"]),
			"/resources/policy/edges/bucket",
		],
		"bad": {
			"no policy": [{"op": "remove", "path": "/resources/policy"}],
			"some requests only": [{"op": "replace", "path": concat("/", [statement, "Action"]), "value": "s3:GetObject"}],
			"the bucket but not its objects": [{"op": "replace", "path": concat("/", [statement, "Resource"]), "value": "arn:aws:s3:::lake"}],
			"those who use TLS": [{"op": "replace", "path": concat("/", [statement, "Condition/Bool/aws:SecureTransport"]), "value": "true"}],
			"some callers only": [{
				"op": "replace",
				"path": concat("/", [statement, "Principal"]),
				"value": {"AWS": "arn:aws:iam::123456789012:root"},
			}],
			"under another condition too": [{
				"op": "add",
				"path": concat("/", [statement, "Condition/StringEquals"]),
				"value": {"aws:PrincipalTag/team": "web"},
			}],
		},
		# The policy is then another bucket's.
		"expect": {"unknown": {"/resources/policy/edges/bucket": "fail"}},
	},
	"bucket, policy as text": {
		"subject": "bucket",
		"good": {"resources": {
			"bucket": {"type": "aws:s3/bucket:Bucket", "inputs": {"bucket": "lake"}},
			"policy": {
				"type": "aws:s3/bucketPolicy:BucketPolicy",
				"inputs": {"bucket": cases.unknown, "policy": json.marshal(denial)},
				"edges": {"bucket": ["bucket"]},
			},
		}},
		"paths": ["/resources/policy/inputs/policy"],
		"bad": {"no JSON": [{"op": "replace", "path": "/resources/policy/inputs/policy", "value": "{"}]},
	},
	"account": {
		"subject": "account",
		"good": {"resources": {"account": {
			"type": "azure-native:storage:StorageAccount",
			"inputs": {
				"kind": "StorageV2",
				"resourceGroupName": "data",
				"sku": {"name": "Standard_ZRS"},
				"minimumTlsVersion": "TLS1_2",
				"enableHttpsTrafficOnly": true,
			},
		}}},
		"paths": ["/resources/account/inputs/minimumTlsVersion", "/resources/account/inputs/enableHttpsTrafficOnly"],
		"bad": {
			"TLS 1.1": [{"op": "replace", "path": "/resources/account/inputs/minimumTlsVersion", "value": "TLS1_1"}],
			"HTTP": [{"op": "replace", "path": "/resources/account/inputs/enableHttpsTrafficOnly", "value": false}],
		},
	},
	"cache": {
		"subject": "cache",
		"good": {"resources": {"cache": {
			"type": "aws:elasticache/replicationGroup:ReplicationGroup",
			"inputs": {
				"description": "sessions",
				"nodeType": "cache.t4g.small",
				"transitEncryptionEnabled": true,
				"transitEncryptionMode": "required",
			},
		}}},
		"paths": ["/resources/cache/inputs/transitEncryptionEnabled", "/resources/cache/inputs/transitEncryptionMode"],
		"bad": {
			"no TLS": [{"op": "replace", "path": "/resources/cache/inputs/transitEncryptionEnabled", "value": false}],
			"TLS if the client likes": [{"op": "replace", "path": "/resources/cache/inputs/transitEncryptionMode", "value": "preferred"}],
		},
		# AWS's own default of a cache with TLS is `required`.
		"expect": {
			"absent": {"/resources/cache/inputs/transitEncryptionMode": "pass"},
			"null": {"/resources/cache/inputs/transitEncryptionMode": "pass"},
		},
	},
	"memcached": {
		"subject": "cache",
		"good": {"resources": {"cache": {
			"type": "aws:elasticache/cluster:Cluster",
			"inputs": {"engine": "memcached", "nodeType": "cache.t4g.small", "numCacheNodes": 1, "transitEncryptionEnabled": true},
		}}},
		"paths": ["/resources/cache/inputs/transitEncryptionEnabled"],
		"bad": {"no TLS": [{"op": "replace", "path": "/resources/cache/inputs/transitEncryptionEnabled", "value": false}]},
	},
	"parameters of an instance": parameters("aws:rds/parameterGroup:ParameterGroup", "postgres16", "rds.force_ssl"),
	"parameters of a cluster": parameters("aws:rds/clusterParameterGroup:ClusterParameterGroup", "aurora-mysql8.0", "require_secure_transport"),
	"instance": {
		"subject": "database",
		"good": {"resources": {
			"database": {
				"type": "aws:rds/instance:Instance",
				"inputs": {"instanceClass": "db.t4g.medium", "parameterGroupName": cases.unknown},
				"edges": {"parameterGroupName": ["group"]},
			},
			"group": {"type": "aws:rds/parameterGroup:ParameterGroup", "inputs": {"family": "postgres16"}},
		}},
		"paths": ["/resources/database/inputs/parameterGroupName"],
		"bad": {"AWS's own group": [
			{"op": "replace", "path": "/resources/database/inputs/parameterGroupName", "value": "default.postgres16"},
			{"op": "remove", "path": "/resources/database/edges/parameterGroupName"},
		]},
		# The edge says which group it is.
		"expect": {"unknown": {"/resources/database/inputs/parameterGroupName": "pass"}},
	},
	"cluster": {
		"subject": "database",
		"good": {"resources": {
			"database": {
				"type": "aws:rds/cluster:Cluster",
				"inputs": {"engine": "aurora-postgresql", "dbClusterParameterGroupName": "tls"},
				"edges": {"dbClusterParameterGroupName": ["group"]},
			},
			"group": {"type": "aws:rds/clusterParameterGroup:ClusterParameterGroup", "inputs": {"family": "aurora-postgresql16"}},
		}},
		"paths": ["/resources/database/edges/dbClusterParameterGroupName"],
		"bad": {"none": [{"op": "remove", "path": "/resources/database/inputs/dbClusterParameterGroupName"}]},
		# A name without an edge is a group of elsewhere.
		"expect": {"unknown": {"/resources/database/edges/dbClusterParameterGroupName": "fail"}},
	},
}

parameters(type, family, name) := {
	"subject": "group",
	"good": {"resources": {"group": {
		"type": type,
		"inputs": {"family": family, "parameters": [{"name": "max_connections", "value": "200"}, {"name": name, "value": "1"}]},
	}}},
	"paths": [
		"/resources/group/inputs/parameters",
		"/resources/group/inputs/parameters/1",
		"/resources/group/inputs/parameters/1/name",
		"/resources/group/inputs/parameters/1/value",
	],
	"bad": {"plain connections": [{"op": "replace", "path": "/resources/group/inputs/parameters/1/value", "value": "0"}]},
}

test_good if harness.good("ENC-005", fixtures)

test_bad if harness.bad("ENC-005", fixtures)

test_absent if harness.absent("ENC-005", fixtures)

test_null if harness.null_("ENC-005", fixtures)

test_empty if harness.empty("ENC-005", fixtures)

test_unknown if harness.unknown("ENC-005", fixtures)
