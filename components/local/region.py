"""This machine as a region: sealed storage, a decision server, a tracking server and a Ray runtime, on loopback."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi

from components.contracts import Region
from components.local.decision_server import DecisionServer
from components.local.key_ring import KeyRing
from components.local.object_store import Encryption, ObjectStore
from components.local.ray_runtime import RayRuntime
from components.local.supervisor import Supervisor
from components.local.tracking_server import TrackingServer

Settings = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class LocalRegionArgs:
    """A local region's settings; the mappings hold the inputs of the resource of that name."""

    folder: Path
    """State of all its parts."""
    generation: int
    """Key versions; one more rotates the key."""
    encryption: Encryption
    log_max_mib: int
    log_backups: int
    bundle: tuple[Path, str]
    """Policy packs for the decision server: folder and digest."""
    decision: Settings
    tracking: Settings
    ray: Settings
    telemetry: bool


class LocalRegion(pulumi.ComponentResource):
    """The region; `outputs` is what workloads need to know of it."""

    outputs: Region

    def __init__(self, name: str, args: LocalRegionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:local:Region", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        folder, quiet = args.folder, {"telemetry": args.telemetry}

        keys = KeyRing(f"{name}-keys", folder / "keys" / "key_ring.json", args.generation, child)
        store = ObjectStore(f"{name}-store", folder / "store", keys, args.encryption, child)
        supervisor = Supervisor(f"{name}-supervisor", folder / "supervisor", args.log_max_mib, args.log_backups, child)
        packs = {"bundle": str(args.bundle[0]), "bundle_digest": args.bundle[1]}
        decision = DecisionServer(
            f"{name}-decision", folder / "decision", supervisor, {**args.decision, **packs, **quiet}, child
        )
        tracking = TrackingServer(
            f"{name}-tracking", folder / "tracking", supervisor, {**args.tracking, **quiet}, child
        )
        ray = RayRuntime(f"{name}-ray", folder / "ray", supervisor, {**args.ray, **quiet}, child)

        self.outputs = Region(
            keys={"path": keys.output("path"), "id": keys.output("ring_id")},
            store={"path": store.output("path")},
            # In the store's folder: it goes with it.
            online={"path": store.output("path").apply(lambda path: f"{path}/online.db")},
            decision={
                "url": decision.output("url"),
                "token_file": decision.output("token_file"),
                "bundle_digest": decision.output("bundle_digest"),
            },
            tracking={"url": tracking.output("url")},
            ray={
                "address": ray.output("address"),
                "dashboard": ray.output("url"),
                "token_file": ray.output("token_file"),
                "cpus": ray.output("cpus"),
                "memory_gib": ray.output("memory_gib"),
                "serve": {"host": ray.output("bind"), "port": ray.output("serve_port")},
            },
        )
        self.register_outputs({})
