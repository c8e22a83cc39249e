"""A program that is on each machine of its kind, for what the machine itself has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Text
from components.kubernetes.context import Context, selector
from components.kubernetes.pod import CONFINED, pod, template

FIRST = "system-node-critical"
"""The class of pods without which a machine is of no use: Kubernetes' own highest."""


@dataclass(frozen=True, kw_only=True)
class DaemonArgs:
    context: Context
    namespace: Text
    account: str
    """What its pods are called in the cluster."""
    container: Mapping[str, Any]
    """As `pod.container` makes it."""
    nodes: Mapping[str, str]
    """Labels of the machines."""
    terms: Sequence[Mapping[str, Any]] = ()
    """Of these machines, those that meet one of the terms: `{key: values}`; with none, all."""
    tolerations: Sequence[Mapping[str, Any]] = ()
    volumes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    sees: Sequence[str] = ()
    """What of the machine its pods see: `hostPID`, `hostIPC`."""
    needs_token: str = ""
    """Why it calls the cluster's API."""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    """Further ones of its pods."""
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    after: Sequence[pulumi.Resource] = ()


def daemon(name: str, args: DaemonArgs, parent: pulumi.Resource) -> kubernetes.apps.v1.DaemonSet:
    """It runs as root: what it is for is the machine's own."""
    of, labels = args.context, selector(name)
    spec: Any = {
        "selector": {"matchLabels": labels},
        "template": template(
            _pod(args),
            {**of.labelled(name), **args.labels},
            needs_token=args.needs_token,
            annotations=args.annotations,
        ),
    }
    return kubernetes.apps.v1.DaemonSet(
        f"{name}-daemon",
        metadata=of.meta(name, args.namespace),
        spec=spec,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(args.after)),
    )


def _pod(args: DaemonArgs) -> dict[str, Any]:
    more: dict[str, Any] = {
        "priorityClassName": FIRST,
        "securityContext": {**CONFINED, "runAsNonRoot": False, "runAsUser": 0},
        **dict.fromkeys(args.sees, True),
    }
    if args.tolerations:
        more["tolerations"] = [dict(one) for one in args.tolerations]
    if args.terms:
        more["affinity"] = {"nodeAffinity": {_REQUIRED: {"nodeSelectorTerms": [_term(one) for one in args.terms]}}}
    return pod(
        [args.container],
        account=args.account,
        needs_token=args.needs_token,
        volumes=args.volumes,
        nodes=args.nodes,
        **more,
    )


_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def _term(values: Mapping[str, Any]) -> dict[str, Any]:
    said = [{"key": key, "operator": "In", "values": list(these)} for key, these in values.items()]
    return {"matchExpressions": said}
