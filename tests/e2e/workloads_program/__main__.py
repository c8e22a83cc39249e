"""Every bundled workload as a job and a service of a region, as its settings make them."""

from typing import Any

import pulumi

from components.kubernetes.namespace import Namespace, NamespaceArgs
from infra.catalog.workloads import workloads
from infra.regions.ray import Shared, deploy
from infra.settings import AwsStack
from infra.settings.ray import Ray
from infra.settings.read import load, stack_file
from tests.e2e import simulated

SPACE = "workloads"
IMAGE = f"{simulated.REGISTRY}/workloads:1@sha256:{'0' * 64}"
GROUP = {"pool": "cpu", "cpu": 2, "memory_gib": 4, "min": 1, "max": 1}
OWN: dict[str, Any] = {
    "image": IMAGE,
    "version": "2.60.0",
    "head": {"cpu": 1, "memory_gib": 4},
    "groups": {"cpu": GROUP},
}
PLATFORM = {
    "volume": "store",
    "secret": "platform",
    "ring": "a" * 32,
    "decision": {"url": "https://judge.me-central-1.amazonaws.com", "bundle": f"sha256:{'1' * 64}"},
}

settings = load(stack_file(pulumi.get_stack()))
assert isinstance(settings, AwsStack)
ray = Ray.model_validate(
    {
        "platform": PLATFORM,
        "jobs": {name: {**OWN, "workload": name} for name in workloads()},
        "services": {f"{name}-answers": {**OWN, "workload": name} for name in workloads()},
    }
)
context = simulated.context(prod=False)
space = Namespace(SPACE, NamespaceArgs(context=context, name=SPACE))
shared = Shared(context=context, namespace=space.name, token="token", cache=None, after=simulated.certificates())
deploy(settings.model_copy(update={"ray": ray}), shared)
