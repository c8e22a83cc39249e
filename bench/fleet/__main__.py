"""As many clusters of Ray as the environment says, each with a worker on a GPU, as the platform makes them."""

import os

from components.contracts import Endpoint
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.ray_group import Group, Head, Pool
from components.kubernetes.ray_runtime import RayRuntime, RayRuntimeArgs
from tests.e2e import simulated

context, known = simulated.context(prod=False), simulated.certificates()
space = Namespace("fleet", NamespaceArgs(context=context, name="fleet"))
for number in range(int(os.environ["CLUSTERS"])):
    RayRuntime(
        f"c{number}",
        RayRuntimeArgs(
            context=context,
            namespace=space.name,
            head=Head(pool=Pool(name="cpu")),
            groups=[Group(name="gpu", pool=Pool(name="l40s", gpus=4), cpu=4, memory_gib=16, gpus=1, min=1, max=1)],
            image=f"{simulated.REGISTRY}/ray:2.60.0@sha256:{'0' * 64}",
            version="2.60.0",
            token="token",  # noqa: S106  the name of a secret
            cache=Endpoint(host="cache.me-central-1.amazonaws.com", port=6379, secret="cache"),  # noqa: S106
            after=known,
        ),
    )
