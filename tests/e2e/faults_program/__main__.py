"""A Ray runtime in a queue as the platform makes it: a head, and two workers, each with half of a machine's GPUs."""

from components.contracts import Endpoint
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.queues import Machines, Queue, Queues, QueuesArgs
from components.kubernetes.ray_group import Group, Head, Pool
from components.kubernetes.ray_runtime import RayRuntime, RayRuntimeArgs
from tests.e2e import simulated

context, known = simulated.context(prod=False), simulated.certificates()
space = Namespace("research", NamespaceArgs(context=context, name="research"))
queues = Queues(
    "queues",
    QueuesArgs(
        context=context,
        pools={
            "cpu": Machines(kind="cpu", most=2, cpu=15, gib=56),
            "l40s": Machines(kind="gpu", most=1, cpu=47, gib=360, gpus=4),
        },
        queues={"steady": Queue(machines={"cpu": 2, "l40s": 1}, namespaces=["research"])},
        after=[space],
    ),
)
RayRuntime(
    "kept",
    RayRuntimeArgs(
        context=context,
        namespace=space.name,
        head=Head(pool=Pool(name="cpu")),
        groups=[Group(name="train", pool=Pool(name="l40s", gpus=4), cpu=4, memory_gib=16, gpus=2, max=2)],
        token="token",
        queue="steady",
        cache=Endpoint(host="cache.me-central-1.amazonaws.com", port=6379, secret="cache"),
        after=[*known, *queues.ready],
    ),
)
