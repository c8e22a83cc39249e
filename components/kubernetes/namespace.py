"""A namespace that is closed until something is let in: Pod Security, no traffic, a claim for every container."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes.context import Context
from components.kubernetes.flow import Flow, dns

_LIMITS: Any = {
    "limits": [
        {
            "type": "Container",
            "defaultRequest": {"cpu": "50m", "memory": "64Mi", "ephemeral-storage": "64Mi"},
            "default": {"cpu": "500m", "memory": "256Mi", "ephemeral-storage": "1Gi"},
        }
    ]
}
_CLOSED: Any = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
_MODES = ("enforce", "audit", "warn")


@dataclass(frozen=True, kw_only=True)
class NamespaceArgs:
    context: Context
    name: str
    flows: Sequence[Flow] = ()
    """Ways through its walls, besides that to the cluster's name server."""
    role: Literal["", "gpu-system"] = ""
    """`gpu-system` is for drivers and device plugins, which need the machine itself."""
    tenant: str = "shared"
    signed: bool = True
    """Whether its images are looked at for signatures, where somebody looks (`signatures`)."""
    quota: Mapping[str, str] = field(default_factory=dict[str, str])
    """The most that its pods may claim together, such as `{"requests.nvidia.com/gpu": "8"}`; empty for no limit."""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    after: Sequence[pulumi.Resource] = ()


class Namespace(pulumi.ComponentResource):
    """`name` is known once it is there; whoever uses it waits for it."""

    name: pulumi.Output[str]

    def __init__(self, name: str, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Namespace", name, {}, opts)
        made = kubernetes.core.v1.Namespace(
            f"{name}-namespace",
            metadata=args.context.meta(args.name, labels={**_security(args), **args.labels}),
            opts=args.context.stateful(self, args.after),
        )
        self.name = made.metadata.name
        kubernetes.networking.v1.NetworkPolicy(
            f"{name}-default-deny",
            metadata=args.context.meta("default-deny", self.name),
            spec=_CLOSED,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for flow in (dns(args.context), *args.flows):
            flow.make(name, args.context, self.name, self)
        self._limits(name, args.context)
        if args.quota:
            spec: Any = {"hard": dict(args.quota)}
            kubernetes.core.v1.ResourceQuota(
                f"{name}-quota",
                metadata=args.context.meta("quota", self.name),
                spec=spec,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})

    def _limits(self, name: str, context: Context) -> None:
        """What a container claims that does not say so itself."""
        kubernetes.core.v1.LimitRange(
            f"{name}-limits",
            metadata=context.meta("limits", self.name),
            spec=_LIMITS,
            opts=pulumi.ResourceOptions(parent=self),
        )


def _security(args: NamespaceArgs) -> dict[str, str]:
    level = "privileged" if args.role == "gpu-system" else "restricted"
    security = {f"pod-security.kubernetes.io/{mode}": level for mode in _MODES}
    versions = {f"pod-security.kubernetes.io/{mode}-version": "latest" for mode in _MODES}
    role = {"falaj.ae/role": args.role} if args.role else {}
    signed = {"policy.sigstore.dev/include": "true"} if args.signed else {}
    return {**security, **versions, **role, **signed, "falaj.ae/tenant": args.tenant}
