"""A Ray cluster that stays, for those who work with it: its state outlives its head, its workers come and go."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components import contracts
from components.kubernetes.ray_cluster_spec import RayClusterArgs, cluster
from components.kubernetes.ray_surroundings import Surroundings, output

# Its place in the queue goes after it, not before: with none, Kueue holds back the job that clears the cache, and
# KubeRay waits five minutes for that one in vain.
_BACKGROUND = {"pulumi.com/deletionPropagationPolicy": "background"}


@dataclass(frozen=True, kw_only=True)
class RayRuntimeArgs(RayClusterArgs):
    cache: contracts.Endpoint | None
    """Keeps the head's state, over TLS; its secret is a Secret of the namespace with `username` and `password`. When
    None, the state is lost with the head, and with it what runs."""


class RayRuntime(pulumi.ComponentResource):
    """`output` is how others find it. A drained node waits for whoever takes its head away: drivers run there."""

    output: contracts.RayRuntime

    def __init__(self, name: str, args: RayRuntimeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:RayRuntime", name, {}, opts)
        around = Surroundings(name, args, self, args.cache)
        if args.autoscaled:
            around.grant()
        around.keep("head", 1)
        kubernetes.apiextensions.CustomResource(
            f"{name}-cluster",
            api_version="ray.io/v1",
            kind="RayCluster",
            metadata=args.context.meta(
                name, args.namespace, labels=args.labels, annotations=_BACKGROUND if args.queue else None
            ),
            spec=cluster(name, args, around.account, args.cache),
            opts=pulumi.ResourceOptions(parent=self, depends_on=around.made),
        )
        self.output = output(name, f"{name}-head-svc", args)
        self.register_outputs({})
