"""As many clusters of Ray as the environment says, each with a worker on a GPU, as the platform makes them."""

import os
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Endpoint
from components.kubernetes.bill import types
from components.kubernetes.context import Context
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.ray_group import Group, Head, Pool
from components.kubernetes.ray_runtime import RayRuntime, RayRuntimeArgs

REGISTRY = "111122223333.dkr.ecr.me-central-1.amazonaws.com/falaj"
TAGS = {
    "tenant": "shared",
    "env": "dev",
    "data-class": "confidential",
    "cost-centre": "research",
    "owner": "platform@example.com",
    "retention": "365d",
    "purpose": "training",
}
context = Context(
    stack=pulumi.get_stack(),
    registry=REGISTRY,
    labels=TAGS,
    prod=False,
    network=["10.20.0.0/16"],
    services="172.20.0.0/16",
)
certificates: list[dict[str, Any]] = list(types("cert-manager"))
known = [
    kubernetes.apiextensions.v1.CustomResourceDefinition(
        one["metadata"]["name"], metadata={"name": one["metadata"]["name"]}, spec=one["spec"]
    )
    for one in certificates
]
space = Namespace("fleet", NamespaceArgs(context=context, name="fleet"))
for number in range(int(os.environ["CLUSTERS"])):
    RayRuntime(
        f"c{number}",
        RayRuntimeArgs(
            context=context,
            namespace=space.name,
            head=Head(pool=Pool(name="cpu")),
            groups=[Group(name="gpu", pool=Pool(name="l40s", gpus=4), cpu=4, memory_gib=16, gpus=1, min=1, max=1)],
            image=f"{REGISTRY}/ray:2.60.0@sha256:{'0' * 64}",
            version="2.60.0",
            token="token",  # noqa: S106  the name of a secret
            cache=Endpoint(host="cache.me-central-1.amazonaws.com", port=6379, secret="cache"),  # noqa: S106
            after=known,
        ),
    )
