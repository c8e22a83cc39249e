"""Work that ends: a cluster of its own, which goes when the work is done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import yaml

from components import contracts
from components.kubernetes.ray_cluster_spec import RayClusterArgs, cluster, pods
from components.kubernetes.ray_rules import require_offline
from components.kubernetes.ray_surroundings import Surroundings, output


@dataclass(frozen=True, kw_only=True)
class RayJobArgs(RayClusterArgs):
    entrypoint: str
    """The command, run in the head's pod."""
    runtime_env: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Ray's runtime environment. Nothing is installed by it: what the work needs is in the image."""
    retries: int = 0
    """How often it is tried again, each time by another cluster."""
    deadline_seconds: int = 86400
    """The longest it may take; time in a queue does not count."""
    keep_seconds: int = 600
    """How long its cluster stays when it is done, to be looked at; in a queue it goes at once."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require_offline(self.runtime_env, "runtime_env")
        if not self.entrypoint.strip():
            raise ValueError("a job without an entrypoint does nothing")


class RayJob(pulumi.ComponentResource):
    """`output` is how others find it while it runs."""

    output: contracts.RayRuntime

    def __init__(self, name: str, args: RayJobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:RayJob", name, {}, opts)
        around = Surroundings(name, args, self)
        around.keep("head", 1)
        # `suspend` is Kueue's alone, which sets it as the job is made: said here, it would stop a job that runs.
        spec = {
            "entrypoint": args.entrypoint,
            "runtimeEnvYAML": yaml.safe_dump(dict(args.runtime_env), sort_keys=False) if args.runtime_env else "",
            "submissionMode": "K8sJobMode",
            "submitterPodTemplate": pods(name, args, around.account).submitter(args.head),
            "submitterConfig": {"backoffLimit": 2},
            "backoffLimit": args.retries,
            "activeDeadlineSeconds": args.deadline_seconds,
            # Kueue asks for just that; `deletionStrategy` excludes it.
            "shutdownAfterJobFinishes": True,
            # In a queue its machines are the next one's as soon as it is done.
            "ttlSecondsAfterFinished": 0 if args.queue else args.keep_seconds,
            "rayClusterSpec": cluster(name, args, around.account),
        }
        kubernetes.apiextensions.CustomResource(
            f"{name}-job",
            api_version="ray.io/v1",
            kind="RayJob",
            metadata=args.context.meta(name, args.namespace, labels=args.labels),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=around.made),
        )
        self.output = output(name, f"{name}-head-svc", args)
        self.register_outputs({})
