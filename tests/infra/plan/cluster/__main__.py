"""A namespace with what a small service needs, and a kind of its own; `PLAN_TEST` says what is other than at first."""

import os

import pulumi
import pulumi_kubernetes as kubernetes

CHANGED = os.environ.get("PLAN_TEST", "").split(",")
config = pulumi.Config()
name = config.require("space")
token = config.require_secret("token")

space = kubernetes.core.v1.Namespace(
    "space",
    metadata={"name": name, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
)
kubernetes.networking.v1.NetworkPolicy(
    "closed",
    metadata={"name": "closed", "namespace": space.metadata["name"]},
    spec={"pod_selector": {}, "policy_types": ["Ingress", "Egress"]},
)
secret = kubernetes.core.v1.Secret(
    "token",
    metadata={"name": "token", "namespace": space.metadata["name"]},
    string_data={"token": token},
)
marks = {"app": "web" if "selector" not in CHANGED else "site"}
limits = {"cpu": "1000m", "memory": "64Mi"}
web = kubernetes.apps.v1.Deployment(
    "web",
    metadata={
        "name": "web",
        "namespace": space.metadata["name"],
        "annotations": {"pulumi.com/patchForce": "true"} if "force" in CHANGED else {},
    },
    spec={
        "replicas": 3 if "size" in CHANGED else -1 if "wrong" in CHANGED else 2,
        "selector": {"match_labels": marks},
        "template": {
            "metadata": {"labels": marks},
            "spec": {
                "automount_service_account_token": False,
                "security_context": {
                    "run_as_non_root": "root" not in CHANGED,
                    "seccomp_profile": {"type": "RuntimeDefault"},
                },
                "containers": [
                    {
                        "name": "main",
                        "image": "registry.example.ae/web@sha256:" + "0" * 64,
                        "env": [{"name": "TOKEN", "value": token}],
                        "resources": {"limits": limits, "requests": limits},
                        "security_context": {
                            "allow_privilege_escalation": False,
                            "capabilities": {"drop": ["ALL"]},
                            "read_only_root_filesystem": True,
                        },
                    }
                ],
            },
        },
    },
    opts=pulumi.ResourceOptions(
        ignore_changes=["spec.replicas"] if "ignore" in CHANGED else [],
        custom_timeouts=pulumi.CustomTimeouts(create="180s", update="60s", delete="60s"),
    ),
)
kubernetes.core.v1.Service(
    "front",
    metadata={"name": "front", "namespace": space.metadata["name"]},
    spec={"selector": marks, "ports": [{"port": 80, "target_port": 8080}]},
)
if "greedy" in CHANGED:
    kubernetes.core.v1.Pod(
        "greedy",
        metadata={"name": "greedy", "namespace": space.metadata["name"]},
        spec={"containers": [{"name": "main", "image": "registry.example.ae/web"}]},
    )
if "leak" in CHANGED:
    kubernetes.core.v1.ConfigMap(
        "leak",
        metadata={
            "name": "leak",
            "namespace": space.metadata["name"],
            "labels": {"a": token.apply("no label: {}".format)},
        },
    )
group = f"{name}.falaj.ae"
source = {
    "type": "string",
    "default": "well",
    "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "a source is immutable"}],
}
field = {
    "type": "object",
    "required": ["litres"],
    "properties": {"litres": {"type": "integer", "minimum": 1}, "source": source},
}
channels = kubernetes.apiextensions.v1.CustomResourceDefinition(
    "channels",
    metadata={"name": f"channels.{group}"},
    spec={
        "group": group,
        "scope": "Namespaced",
        "names": {"plural": "channels", "singular": "channel", "kind": "Channel"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {"open_apiv3_schema": {"type": "object", "properties": {"spec": field}}},
            }
        ],
    },
)
kubernetes.apiextensions.CustomResource(
    "main",
    api_version=f"{group}/v1",
    kind="Chanel" if "kind" in CHANGED else "Channel",
    metadata={
        "name": "main",
        "namespace": space.metadata["name"],
        "finalizers": ["falaj.ae/waits"] if "finalizer" in CHANGED else [],
    },
    spec={
        "litre" if "litre" in CHANGED else "litres": 3,
        "source": "river" if "source" in CHANGED else "well",
    },
    opts=pulumi.ResourceOptions(depends_on=[channels], custom_timeouts=pulumi.CustomTimeouts(delete="8s")),
)
pulumi.export("address", web.metadata["name"])
