"""A bucket of the cloud's, and a Ray cluster on the GPU pool in a namespace that outlives its stack."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

kept = pulumi.ResourceOptions(protect=True, retain_on_delete=True)
region = aws.Provider("region", region="me-central-1")
bucket = aws.s3.Bucket("lake", opts=pulumi.ResourceOptions(provider=region, protect=True, retain_on_delete=True))
space = kubernetes.core.v1.Namespace(
    "space",
    metadata={"name": "research", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
    opts=kept,
)
secure: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
container: dict[str, Any] = {"name": "ray", "image": "registry.example.ae/ray", "securityContext": secure}
claim = {"cpu": "1", "memory": "1Gi", "nvidia.com/gpu": "1"}
worker: dict[str, Any] = {
    "containers": [{**container, "resources": {"limits": claim, "requests": claim}}],
    "nodeSelector": {"falaj.io/pool": "l40s"},
    "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
}
kubernetes.apiextensions.CustomResource(
    "ray",
    api_version="ray.io/v1",
    kind="RayCluster",
    metadata={"name": "main", "namespace": space.metadata["name"], "annotations": {"lake": bucket.arn}},
    spec={
        "rayVersion": "2.52.0",
        "headGroupSpec": {"rayStartParams": {}, "template": {"spec": {"containers": [container]}}},
        "workerGroupSpecs": [
            {
                "groupName": "gpu",
                "replicas": 2,
                "minReplicas": 0,
                "maxReplicas": 2,
                "rayStartParams": {},
                "template": {"spec": worker},
            }
        ],
    },
    opts=kept,
)
pulumi.export("lake", bucket.arn)
