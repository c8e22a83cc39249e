"""What programs that stand on a simulated region have in common."""

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes.bill import types
from components.kubernetes.context import Context

REGISTRY = "111122223333.dkr.ecr.me-central-1.amazonaws.com/falaj"
TAGS = {
    "tenant": "shared",
    "env": "dev",
    "data-class": "restricted",
    "cost-centre": "research",
    "owner": "platform@example.com",
    "retention": "3650d",
    "purpose": "training",
}


def context(*, prod: bool) -> Context:
    """The region's facts."""
    return Context(
        stack=pulumi.get_stack(),
        registry=REGISTRY,
        labels=TAGS,
        prod=prod,
        network=["10.20.0.0/16"],
        services="172.20.0.0/16",
    )


def certificates() -> list[pulumi.Resource]:
    """The types of certificates, which Ray's are of."""
    return [
        kubernetes.apiextensions.v1.CustomResourceDefinition(
            one["metadata"]["name"], metadata={"name": one["metadata"]["name"]}, spec=one["spec"]
        )
        for one in types("cert-manager")
    ]
