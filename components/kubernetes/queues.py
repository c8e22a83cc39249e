"""Who gets which machines, and in which order: Kueue, a flavor a pool, a queue a claim on pools."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components import pools
from components.kubernetes.context import Context, selector
from components.kubernetes.flow import Flow, api_server, network
from components.kubernetes.monitoring.scrape import scraped
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.vendored import Vendored, VendoredArgs

NAMESPACE = "kueue-system"
COHORT = "region"
"""Whose queues lend each other what they do not use."""
_API = "kueue.x-k8s.io/v1beta2"
_PODS = selector("kueue")
_TOKEN = "holds work back until there is room for all of it"  # noqa: S105  a reason
_GIB = 1024


@dataclass(frozen=True, kw_only=True)
class Machines:
    """A pool: what pods can claim of each of its machines."""

    kind: str
    """`cpu` or `gpu`."""
    most: int
    """How many machines there can be."""
    cpu: float
    gib: float
    gpus: int = 0
    resource: str = pools.GPU
    """What its GPUs, or their parts, are called."""
    place: pools.Place | None = None
    """How pods come onto them, where the region has not made them."""

    def of(self, machines: int) -> dict[str, str]:
        """What so many of them hold, by resource."""
        held = {"cpu": f"{int(self.cpu * 1000) * machines}m", "memory": f"{int(self.gib * _GIB) * machines}Mi"}
        return {**held, **({self.resource: str(self.gpus * machines)} if self.gpus else {})}


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A claim on machines of pools."""

    machines: Mapping[str, int]
    """How many of each pool are its own; with 0 it has only what others lend."""
    namespaces: Sequence[str]
    """Where work is put in under the queue's name."""
    borrows: bool = True
    """Whether it may use what other queues leave unused, until they want it back."""
    weight: int = 1
    """Of several that borrow, how much of it is for this one."""


@dataclass(frozen=True, kw_only=True)
class QueuesArgs:
    context: Context
    pools: Mapping[str, Machines]
    queues: Mapping[str, Queue] = field(default_factory=dict[str, Queue])
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        for name, queue in self.queues.items():
            if unknown := set(queue.machines) - set(self.pools):
                raise ValueError(f"queue {name!r} is of pools that there are not: {', '.join(sorted(unknown))}")
        for pool, machines in self.pools.items():
            given = sum(queue.machines.get(pool, 0) for queue in self.queues.values())
            if given > machines.most:
                raise ValueError(f"queues are given {given} machines of pool {pool!r}, which has {machines.most}")


class Queues(pulumi.ComponentResource):
    """`types` is what priorities wait for; `ready` what work in a queue waits for."""

    types: Sequence[pulumi.Resource]
    ready: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: QueuesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Queues", name, {}, opts)
        self._name, self._args = name, args
        child = pulumi.ResourceOptions(parent=self)
        space = NamespaceArgs(context=args.context, name=NAMESPACE, flows=_flows(args.context))
        made = VendoredArgs(
            context=args.context,
            name="kueue",
            images={"manager": "kueue"},
            needs_token=_TOKEN,
            vouched=True,
            after=[*args.after, Namespace(f"{name}-space", space, child)],
        )
        self._controller = Vendored(f"{name}-controller", made, child)
        self.types = self._controller.types
        flavors = [self._flavor(pool, machines) for pool, machines in args.pools.items()]
        self.ready = [resource for queue in args.queues.items() for resource in self._queue(*queue, flavors)]
        self.register_outputs({})

    def _flavor(self, pool: str, machines: Machines) -> pulumi.Resource:
        where = machines.place or pools.place(pool, machines.kind)
        spec: dict[str, Any] = {"nodeLabels": dict(where.nodes)}
        if where.taints:
            spec |= {"nodeTaints": [dict(one) for one in where.taints], "tolerations": where.tolerations}
        return self._custom("ResourceFlavor", pool, self._args.context.meta(pool, app="queues"), spec, [])

    def _queue(self, queue: str, of: Queue, flavors: Sequence[pulumi.Resource]) -> list[pulumi.Resource]:
        meta = self._args.context.meta
        spec = cluster_queue(of, self._args.pools)
        shared = self._custom("ClusterQueue", queue, meta(queue, app="queues"), spec, flavors)
        return [
            self._custom(
                "LocalQueue", f"{queue}-{space}", meta(queue, space, app="queues"), {"clusterQueue": queue}, [shared]
            )
            for space in of.namespaces
        ]

    def _custom(
        self, kind: str, name: str, metadata: Any, spec: Any, after: Sequence[pulumi.Resource]
    ) -> kubernetes.apiextensions.CustomResource:
        return kubernetes.apiextensions.CustomResource(
            f"{self._name}-{kind.lower()}-{name}",
            api_version=_API,
            kind=kind,
            metadata=metadata,
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._controller.ready, *after]),
        )


def cluster_queue(queue: Queue, machines: Mapping[str, Machines]) -> dict[str, Any]:
    """The spec: every pool of the queue is a flavor, every resource of any of them is counted in all."""
    own = {pool: machines[pool].of(many) for pool, many in queue.machines.items()}
    covered = sorted({resource for held in own.values() for resource in held})
    flavors = [
        {"name": pool, "resources": [_quota(resource, held.get(resource, "0"), queue.borrows) for resource in covered]}
        for pool, held in own.items()
    ]
    return {
        "cohortName": COHORT,
        "namespaceSelector": {
            "matchExpressions": [
                {"key": "kubernetes.io/metadata.name", "operator": "In", "values": sorted(queue.namespaces)}
            ]
        },
        "queueingStrategy": "BestEffortFIFO",
        "resourceGroups": [{"coveredResources": covered, "flavors": flavors}],
        "preemption": {"reclaimWithinCohort": "Any", "withinClusterQueue": "LowerPriority"},
        "fairSharing": {"weight": str(queue.weight)},
    }


def _quota(resource: str, amount: str, borrows: bool) -> dict[str, str]:
    quota = {"name": resource, "nominalQuota": amount}
    return quota if borrows else {**quota, "borrowingLimit": "0"}


def _flows(context: Context) -> list[Flow]:
    """It calls the API server, which asks it about all work; Prometheus reads it."""
    return [
        Flow(name="api", egress=api_server(context)),
        Flow(name="webhook", pods=_PODS, ingress=network(context, 9443)),
        scraped(_PODS, 8443),
    ]
