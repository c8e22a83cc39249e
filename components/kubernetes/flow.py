"""Ways through a namespace's walls: who may speak to whom, each under a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Text
from components.kubernetes.context import Context


@dataclass(frozen=True, kw_only=True)
class Peer:
    """The other side of a way: pods of a namespace or, with neither it nor a range, of one's own."""

    ports: Sequence[int | str]
    """TCP ports; a name stands for the port that the container calls so; `53/UDP` is of UDP."""
    namespace: str | None = None
    """`*` for all namespaces."""
    pods: Mapping[str, str] = field(default_factory=dict[str, str])
    """Labels of the pods; empty for all of them."""
    cidr: str | None = None

    def rule(self, direction: str) -> dict[str, Any]:
        """As Kubernetes writes it; `direction` is `from` or `to`."""
        return {direction: [self._who()], "ports": [_port(port) for port in self.ports]}

    def _who(self) -> dict[str, Any]:
        if self.cidr is not None:
            return {"ipBlock": {"cidr": self.cidr}}
        who: dict[str, Any] = {"podSelector": {"matchLabels": dict(self.pods)} if self.pods else {}}
        if self.namespace is not None:
            every = self.namespace == "*"
            who["namespaceSelector"] = {} if every else {"matchLabels": {"kubernetes.io/metadata.name": self.namespace}}
        return who


@dataclass(frozen=True, kw_only=True)
class Flow:
    """A named way in and out of some pods of a namespace."""

    name: str
    pods: Mapping[str, str] = field(default_factory=dict[str, str])
    """Labels of the pods that it is for; empty for all of the namespace."""
    ingress: Sequence[Peer] = ()
    egress: Sequence[Peer] = ()

    def make(
        self, prefix: str, context: Context, namespace: Text, parent: pulumi.Resource
    ) -> kubernetes.networking.v1.NetworkPolicy:
        """The policy; its resource is called `<prefix>-<name>`."""
        spec: Any = {
            "podSelector": {"matchLabels": dict(self.pods)} if self.pods else {},
            "policyTypes": [kind for kind, peers in (("Ingress", self.ingress), ("Egress", self.egress)) if peers],
        }
        for key, direction, peers in (("ingress", "from", self.ingress), ("egress", "to", self.egress)):
            if peers:
                spec[key] = [peer.rule(direction) for peer in peers]
        return kubernetes.networking.v1.NetworkPolicy(
            f"{prefix}-{self.name}",
            metadata=context.meta(self.name, namespace),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=parent),
        )


CREDENTIALS = Peer(ports=[80], cidr="169.254.170.23/32")
"""Where the agent of a pod's machine hands it the credentials of its role (EKS Pod Identity)."""


def dns(context: Context) -> Flow:
    """Names are looked up at the cluster's own server only."""
    at = context.dns
    return Flow(name="dns", egress=[Peer(ports=[f"{at.port}/UDP", at.port], namespace=at.namespace, pods=at.pods)])


def credentials(context: Context) -> list[Peer]:
    """The way to that agent, where there is one."""
    return [CREDENTIALS] if context.pod_identity else []


def api_server(context: Context) -> list[Peer]:
    """Its address among the cluster's services, the first one always, which some walls see, and where it answers."""
    service = Peer(ports=[443], cidr=f"{ip_network(context.services)[1]}/32")
    return [service, *network(context, 443, 6443)]


def network(context: Context, *ports: int) -> list[Peer]:
    """Whatever is in the private network."""
    return [Peer(ports=ports, cidr=cidr) for cidr in context.network]


def _port(port: int | str) -> dict[str, Any]:
    number, _, protocol = str(port).partition("/")
    return {"port": int(number) if number.isdigit() else number, "protocol": protocol or "TCP"}
