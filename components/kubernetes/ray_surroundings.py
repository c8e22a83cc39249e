"""What is around a Ray cluster: who it is, whom it speaks with, what it trusts, how its pods are taken away."""

from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components import contracts
from components.kubernetes import ray_tls
from components.kubernetes.context import selector
from components.kubernetes.flow import Flow, Peer, api_server, credentials, network
from components.kubernetes.ray_cluster_spec import RayClusterArgs
from components.kubernetes.ray_group import CLUSTER, PORTS
from components.kubernetes.ray_operator import NAME as OPERATOR

_GROUP = "rbac.authorization.k8s.io"


class Surroundings:
    """Children of a component; the cluster waits for all of them (`made`)."""

    made: list[pulumi.Resource]
    account: pulumi.Output[str]

    def __init__(
        self, name: str, args: RayClusterArgs, parent: pulumi.Resource, cache: contracts.Endpoint | None = None
    ) -> None:
        self._name, self._args, self._child = name, args, pulumi.ResourceOptions(parent=parent)
        account = kubernetes.core.v1.ServiceAccount(
            f"{name}-account", metadata=self._meta(name), automount_service_account_token=False, opts=self._child
        )
        self.account = account.metadata.name
        after = pulumi.ResourceOptions(parent=parent, depends_on=list(args.after))
        authority = ray_tls.authority(name, args.context, args.namespace, after)
        flow = _flow(name, args, cache).make(name, args.context, args.namespace, parent)
        self.made = [*args.after, account, *authority, flow]

    def grant(self) -> None:
        """Rights of the autoscaler of a RayCluster. KubeRay would give them over every cluster of the namespace."""
        mine: Any = [
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]},
            {
                "apiGroups": ["ray.io"],
                "resources": ["rayclusters"],
                "resourceNames": [self._name],
                "verbs": ["get", "patch"],
            },
        ]
        role = kubernetes.rbac.v1.Role(
            f"{self._name}-role", metadata=self._meta(self._name), rules=mine, opts=self._child
        )
        whose: Any = {"kind": "ServiceAccount", "name": self.account, "namespace": self._args.namespace}
        to: Any = {"apiGroup": _GROUP, "kind": "Role", "name": role.metadata.name}
        binding = kubernetes.rbac.v1.RoleBinding(
            f"{self._name}-binding",
            metadata=self._meta(self._name),
            role_ref=to,
            subjects=[whose],
            opts=self._child,
        )
        self.made += [role, binding]

    def keep(self, kind: str, least: int) -> None:
        """At least so many pods stay when nodes are emptied. Of Ray's pods Kubernetes takes no share, only a number."""
        labels = {CLUSTER: self._name, "ray.io/node-type": kind}
        spec: Any = {"minAvailable": least, "selector": {"matchLabels": labels}}
        kubernetes.policy.v1.PodDisruptionBudget(
            f"{self._name}-budget", metadata=self._meta(self._name), spec=spec, opts=self._child
        )

    def _meta(self, name: str) -> Any:
        return self._args.context.meta(name, self._args.namespace)


def output(name: str, service: str, args: RayClusterArgs, serve: str | None = None) -> contracts.RayRuntime:
    """How others find a cluster by its head's service, and by the one that serves if that is another."""
    host = pulumi.Output.concat(service, ".", args.namespace, ".svc")
    serving = host if serve is None else pulumi.Output.concat(serve, ".", args.namespace, ".svc")
    return contracts.RayRuntime(
        address=host.apply(lambda it: f"{it}:{PORTS['gcs']}"),
        dashboard=host.apply(lambda it: f"http://{it}:{PORTS['dashboard']}"),
        serve=serving.apply(lambda it: f"http://{it}:{PORTS['serve']}"),
        labels={CLUSTER: name},
        token=args.token,
    )


def _flow(name: str, args: RayClusterArgs, cache: contracts.Endpoint | None) -> Flow:
    """Nodes, submitter and clean-up speak with each other on any port; nobody else reaches Ray's own protocols."""
    mine = Peer(ports=[], pods={CLUSTER: name})
    operator = Peer(ports=[PORTS["dashboard"], PORTS["serve"]], namespace=args.operator, pods=selector(OPERATOR))
    # The object store's endpoint and those of other services.
    endpoints = network(args.context, 443, *([cache.port] if cache else []))
    api = api_server(args.context) if args.autoscaled else []
    egress = [mine, *credentials(args.context), *endpoints, *api, *args.reaches]
    return Flow(name=f"ray-{name}", pods={CLUSTER: name}, ingress=[mine, operator, *args.peers], egress=egress)
