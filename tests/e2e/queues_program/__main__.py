"""Two queues that share a pool's GPUs, and a job of Ray in one of them, as the platform makes them."""

from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.queues import Machines, Queue, Queues, QueuesArgs
from components.kubernetes.ray_group import Group, Head, Pool
from components.kubernetes.ray_job import RayJob, RayJobArgs
from tests.e2e import simulated

context, known = simulated.context(prod=False), simulated.certificates()
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
