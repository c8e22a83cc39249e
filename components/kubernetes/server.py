"""A server of the platform's own: its pods, who they are in the cluster, and under which name they answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from components.contracts import Text
from components.kubernetes.context import Context, selector
from components.kubernetes.pod import USER, pod, spread, template


@dataclass(frozen=True, kw_only=True)
class ServerArgs:
    context: Context
    namespace: Text
    containers: Sequence[Mapping[str, Any]]
    """As `pod.container` makes them."""
    before: Sequence[Mapping[str, Any]] = ()
    """Containers that end, one after another, before those start."""
    ports: Mapping[str, int] = field(default_factory=dict[str, int])
    """Ports that its Service hands on, by the name that the container gives them; none for no Service."""
    replicas: int = 1
    """Two or more are spread over zones, and are not all taken away at once."""
    volumes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    disks: Mapping[str, str] = field(default_factory=dict[str, str])
    """Sizes of the volumes that outlive a pod, by name; with any, the pods are a StatefulSet."""
    storage_class: str | None = None
    """Of `disks`; the cluster's default when None."""
    rights: Sequence[Mapping[str, Any]] = ()
    """Rules of a ClusterRole of its own."""
    needs_token: str = ""
    """Why it calls the cluster's API; needed with `rights`."""
    user: int = USER
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    """Of its pods, such as a digest of what it is configured with: another one starts it again."""
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        if bool(self.rights) and not self.needs_token:
            raise ValueError("a server with rights in the cluster says what for: needs_token")


class Server(pulumi.ComponentResource):
    """Objects are called as the component. `address` is where others in the cluster reach it."""

    address: pulumi.Output[str]
    account: kubernetes.core.v1.ServiceAccount

    def __init__(self, name: str, args: ServerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Server", name, {}, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)
        self.account = kubernetes.core.v1.ServiceAccount(
            f"{name}-account", metadata=self._meta(), automount_service_account_token=False, opts=self._child
        )
        granted = self._grant()
        self._pods([*args.after, *granted])
        if args.replicas > 1:
            self._budget()
        if args.ports:
            self._service()
        self.address = pulumi.Output.concat(name, ".", args.namespace, ".svc")
        self.register_outputs({})

    def _pods(self, after: Sequence[pulumi.Resource]) -> None:
        args, labels = self._args, selector(self._name)
        pods = pod(
            args.containers,
            account=self.account.metadata.name,
            needs_token=args.needs_token,
            volumes=args.volumes,
            user=args.user,
            nodes=args.context.system,
            **({"topologySpreadConstraints": spread(labels)} if args.replicas > 1 else {}),
            **({"initContainers": [dict(one) for one in args.before]} if args.before else {}),
        )
        common: Any = {
            "replicas": args.replicas,
            "selector": {"matchLabels": labels},
            "template": template(
                pods,
                args.context.labelled(self._name),
                needs_token=args.needs_token,
                annotations=args.annotations,
            ),
        }
        opts = pulumi.ResourceOptions(parent=self, depends_on=list(after))
        if not args.disks:
            kubernetes.apps.v1.Deployment(f"{self._name}-server", metadata=self._meta(), spec=common, opts=opts)
            return
        disks = [_disk(volume, size, args.storage_class) for volume, size in args.disks.items()]
        spec: Any = {**common, "serviceName": self._name, "volumeClaimTemplates": disks}
        kubernetes.apps.v1.StatefulSet(f"{self._name}-server", metadata=self._meta(), spec=spec, opts=opts)

    def _service(self) -> None:
        ports = [{"name": key, "port": port, "targetPort": key} for key, port in self._args.ports.items()]
        spec: Any = {"type": "ClusterIP", "selector": selector(self._name), "ports": ports}
        kubernetes.core.v1.Service(
            f"{self._name}-service",
            metadata=self._meta(),
            spec=spec,
            opts=self._child,
        )

    def _budget(self) -> None:
        spec: Any = {"maxUnavailable": 1, "selector": {"matchLabels": selector(self._name)}}
        kubernetes.policy.v1.PodDisruptionBudget(
            f"{self._name}-budget",
            metadata=self._meta(),
            spec=spec,
            opts=self._child,
        )

    def _grant(self) -> list[pulumi.Resource]:
        args = self._args
        if not args.rights:
            return []
        rules: Any = [dict(rule) for rule in args.rights]
        named = args.context.meta(f"falaj-{self._name}", app=self._name)
        role = kubernetes.rbac.v1.ClusterRole(f"{self._name}-role", metadata=named, rules=rules, opts=self._child)
        to: Any = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role.metadata.name}
        whose: Any = {"kind": "ServiceAccount", "name": self.account.metadata.name, "namespace": args.namespace}
        binding = kubernetes.rbac.v1.ClusterRoleBinding(
            f"{self._name}-binding",
            metadata=named,
            role_ref=to,
            subjects=[whose],
            opts=self._child,
        )
        return [binding]

    def _meta(self) -> Any:
        return self._args.context.meta(self._name, self._args.namespace)


def _disk(name: str, size: str, storage_class: str | None) -> dict[str, Any]:
    spec: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    return {"metadata": {"name": name}, "spec": spec | ({"storageClassName": storage_class} if storage_class else {})}
