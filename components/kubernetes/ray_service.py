"""A model that Ray Serve answers with: replaced without a gap, and reached at workers only."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import pulumi
import pulumi_kubernetes as kubernetes
import yaml

from components import contracts
from components.kubernetes.ray_cluster_spec import RayClusterArgs, cluster
from components.kubernetes.ray_group import PORTS
from components.kubernetes.ray_rules import require_offline
from components.kubernetes.ray_surroundings import Surroundings, output

_LISTEN = {"proxy_location": "EveryNode", "http_options": {"host": "0.0.0.0", "port": PORTS["serve"]}}  # noqa: S104


@dataclass(frozen=True, kw_only=True)
class RayServiceArgs(RayClusterArgs):
    cache: contracts.Endpoint | None
    """Keeps the head's state, over TLS; its secret is a Secret of the namespace with `username` and `password`. When
    None, the state is lost with the head, and with it what runs."""
    serve: Mapping[str, Any]
    """Ray Serve's configuration: `applications`, and what else `serve deploy` takes."""

    def __post_init__(self) -> None:
        super().__post_init__()
        applications = cast("list[Mapping[str, Any]]", self.serve.get("applications") or [])
        if not applications:
            raise ValueError("a service without `applications` serves nothing")
        for one in applications:
            require_offline(one.get("runtime_env") or {}, f"application {one.get('name', 'default')!r}")


class RayService(pulumi.ComponentResource):
    """`output` is how others find it. Another configuration of pods is stood up beside the old one before that goes."""

    output: contracts.RayRuntime

    def __init__(self, name: str, args: RayServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:RayService", name, {}, opts)
        around = Surroundings(name, args, self, args.cache)
        if (workers := sum(group.min for group in args.groups)) > 1:
            around.keep("worker", workers - 1)
        spec = {
            "serveConfigV2": yaml.safe_dump({**_LISTEN, **args.serve}, sort_keys=False),
            "upgradeStrategy": {"type": "NewCluster"},
            # The head has no replicas; requests go where they are.
            "excludeHeadPodFromServeSvc": True,
            "rayClusterConfig": cluster(name, args, around.account, args.cache),
        }
        kubernetes.apiextensions.CustomResource(
            f"{name}-service",
            api_version="ray.io/v1",
            kind="RayService",
            metadata=args.context.meta(name, args.namespace, labels=args.labels),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=around.made),
        )
        self.output = output(name, f"{name}-head-svc", args, serve=f"{name}-serve-svc")
        self.register_outputs({})
