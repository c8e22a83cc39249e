"""Two queues that share a pool's GPUs, and a job of Ray in one of them, as the platform makes them."""

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes.bill import types
from components.kubernetes.context import Context
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.queues import Machines, Queue, Queues, QueuesArgs
from components.kubernetes.ray_group import Group, Head, Pool
from components.kubernetes.ray_job import RayJob, RayJobArgs

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
space = Namespace("research", NamespaceArgs(context=context, name="research"))
each = {"cpu": 1, "l40s": 1}
queues = Queues(
    "queues",
    QueuesArgs(
        context=context,
        pools={
            "cpu": Machines(kind="cpu", most=2, cpu=15, gib=56),
            "l40s": Machines(kind="gpu", most=2, cpu=47, gib=360, gpus=4),
        },
        queues={
            "steady": Queue(machines=each, namespaces=["research"], borrows=False),
            "greedy": Queue(machines=each, namespaces=["research"]),
        },
        after=[space],
    ),
)
RayJob(
    "first",
    RayJobArgs(
        context=context,
        namespace=space.name,
        head=Head(pool=Pool(name="cpu")),
        groups=[Group(name="train", pool=Pool(name="l40s", gpus=4), cpu=4, memory_gib=16, gpus=2, max=2)],
        token="token",
        queue="steady",
        entrypoint="sleep 15",
        after=[*known, *queues.ready],
    ),
)
