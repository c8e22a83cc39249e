"""Gatekeeper with the rules of a region that is in production, two teams in closed namespaces, one with Ray."""

import pulumi

from components.contracts import Endpoint
from components.kubernetes.admission import Admission, AdmissionArgs
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.ray_group import Group, Head, Pool
from components.kubernetes.ray_runtime import RayRuntime, RayRuntimeArgs
from infra.regions.admission import rules
from infra.settings import load, stack_file
from tests.e2e import simulated

context, known = simulated.context(prod=False), simulated.certificates()
stack = pulumi.get_stack()
settings = load(stack_file(stack)).model_copy(update={"profile": "prod"})
guard = Admission("admission", AdmissionArgs(context=context, rules=rules(stack, settings)))
team, other = (
    Namespace(name, NamespaceArgs(context=context, name=name, after=guard.ready)) for name in ("team", "other")
)
RayRuntime(
    "demo",
    RayRuntimeArgs(
        context=context,
        namespace=team.name,
        head=Head(pool=Pool(name="cpu")),
        groups=[Group(name="serve", pool=Pool(name="cpu"), cpu=2, memory_gib=8, min=1, max=1)],
        image=f"{simulated.REGISTRY}/ray:2.60.0@sha256:{'0' * 64}",
        version="2.60.0",
        token="token",
        cache=Endpoint(host="cache.me-central-1.amazonaws.com", port=6379, secret="cache"),
        after=known,
    ),
)
