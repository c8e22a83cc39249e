"""Who goes first where there is not room for all: classes of pods, and of work that waits in queues."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes.context import Context

_API = "kueue.x-k8s.io/v1beta2"


@dataclass(frozen=True, kw_only=True)
class Class:
    """A class; the higher its value, the sooner."""

    name: str
    value: int
    why: str
    preempts: bool = True


CLASSES = (
    Class(name="platform", value=1_000_000, why="What all others depend on."),
    Class(name="serving", value=100_000, why="Somebody waits for the answer."),
    Class(name="interactive", value=10_000, why="Somebody sits in front of it."),
    Class(name="training", value=1_000, why="It goes on where it stopped, from a checkpoint."),
    Class(name="batch", value=100, why="It can wait, and takes nobody's place.", preempts=False),
)


@dataclass(frozen=True, kw_only=True)
class PrioritiesArgs:
    context: Context
    after: Sequence[pulumi.Resource] = ()
    """Kueue's types."""


class Priorities(pulumi.ComponentResource):
    """Each class for pods and, under the same name, for work in queues."""

    def __init__(self, name: str, args: PrioritiesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Priorities", name, {}, opts)
        for one in CLASSES:
            kubernetes.scheduling.v1.PriorityClass(
                f"{name}-{one.name}",
                metadata=args.context.meta(one.name, app="priorities"),
                value=one.value,
                description=one.why,
                preemption_policy="PreemptLowerPriority" if one.preempts else "Never",
                opts=pulumi.ResourceOptions(parent=self),
            )
            # The SDK's own class for custom types has no fields but `spec`.
            pulumi.CustomResource(
                f"kubernetes:{_API}:WorkloadPriorityClass",
                f"{name}-{one.name}-work",
                {
                    "apiVersion": _API,
                    "kind": "WorkloadPriorityClass",
                    "metadata": args.context.meta(one.name, app="priorities"),
                    "value": one.value,
                    "description": one.why,
                },
                pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
            )
        self.register_outputs({})
