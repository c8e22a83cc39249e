"""KubeRay, which makes the pods of Ray's clusters, services and jobs, in a namespace of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.kubernetes.bill import objects
from components.kubernetes.context import Context
from components.kubernetes.flow import Flow, Peer, api_server
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.pod import Claim, container
from components.kubernetes.ray_group import PORTS
from components.kubernetes.server import Server, ServerArgs
from components.kubernetes.vendored import Vendored, VendoredArgs

NAMESPACE, NAME = "falaj-system", "kuberay-operator"
_NEEDS_TOKEN = "makes pods, services and roles of Ray's clusters"  # noqa: S105  a reason
# Its makers: some 500 MB for 500 pods of Ray.
_CLAIM = Claim(cpu="500m", memory="1Gi", cpu_limit="2")


@dataclass(frozen=True, kw_only=True)
class RayOperatorArgs:
    context: Context
    after: Sequence[pulumi.Resource] = ()


class RayOperator(pulumi.ComponentResource):
    """`ready` is what clusters, services and jobs wait for."""

    ready: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: RayOperatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:RayOperator", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        flows = _flows(args.context)
        space = Namespace(f"{name}-space", NamespaceArgs(context=args.context, name=NAMESPACE, flows=flows), child)
        types = Vendored(f"{name}-types", VendoredArgs(context=args.context, name=NAME, after=args.after), child).types
        health = {"httpGet": {"path": "/metrics", "port": "metrics"}}
        operator = container(
            NAME,
            args.context.image(NAME),
            _CLAIM,
            command=["/manager"],
            ports={"metrics": 8080},
            livenessProbe={**health, "initialDelaySeconds": 10},
            readinessProbe=health,
        )
        server = ServerArgs(
            context=args.context,
            namespace=space.name,
            containers=[operator],
            ports={"metrics": 8080},
            rights=[rule for one in objects(NAME) if one["kind"] == "ClusterRole" for rule in one["rules"]],
            needs_token=_NEEDS_TOKEN,
            after=types,
        )
        self.ready = [*types, Server(NAME, server, child)]
        self.register_outputs({})


def _flows(context: Context) -> list[Flow]:
    """It calls the API server, and the heads of Ray's clusters about their jobs and services."""
    heads = Peer(ports=[PORTS["dashboard"], PORTS["serve"]], namespace="*", pods={"ray.io/node-type": "head"})
    metrics = Peer(ports=[8080], namespace="monitoring")
    return [
        Flow(name="api", egress=api_server(context)),
        Flow(name="heads", egress=[heads]),
        Flow(name="metrics", ingress=[metrics]),
    ]
