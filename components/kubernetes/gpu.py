"""GPUs of machines, as something to claim and to watch: NVIDIA's device plugin, MIG manager and DCGM exporter.

The machines' image has the driver and the container toolkit, so there is no operator. What the three may do that other
pods may not is known to the gate of each by name, account and image (`policies/rego/lib/driver.rego`). All are root.

- The device plugin and the exporter have CAP_SYS_ADMIN: without it the image's runtime shows no GPU to a pod that has
  not claimed one, and DCGM has no profiling counters.
- The plugin has the kubelet's folder of plugins and that of device specifications (CDI), and reads the driver where it
  lies on the machine. It gives devices by such a specification: what a pod writes into its environment counts nothing.
- The exporter reads the socket where the kubelet says which pod has which GPU.
- The MIG manager is privileged and sees the machine's files and processes: it divides the GPUs, and starts the machine
  again where the cloud does not let it reset them. It alone has a token: its orders are a label of its node.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
import yaml

from components import pools
from components.kubernetes.context import Context, selector
from components.kubernetes.daemon import DaemonArgs, daemon
from components.kubernetes.flow import Flow, api_server
from components.kubernetes.monitoring.files import Files
from components.kubernetes.monitoring.scrape import scraped
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.pod import UNPRIVILEGED, Claim, container

NAMESPACE = "gpu-operator"
PORT = 9400
_PLUGIN, _EXPORTER, _MANAGER = "device-plugin", "dcgm-exporter", "mig-manager"
_COUNTERS = Path(__file__).with_name("monitoring") / "dcgm.csv"
_KUBELET = "/var/lib/kubelet"
_ALL = {"NVIDIA_VISIBLE_DEVICES": "all", "NVIDIA_DRIVER_CAPABILITIES": "compute,utility"}
# Parts of a divided GPU, too.
_EVERY_PART = {"NVIDIA_MIG_MONITOR_DEVICES": "all"}
_NODE = {"NODE_NAME": {"fieldRef": {"fieldPath": "spec.nodeName"}}}
_SEES_DEVICES = {**UNPRIVILEGED, "runAsNonRoot": False, "capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}
_PRIVILEGED = {
    **UNPRIVILEGED,
    "runAsNonRoot": False,
    "privileged": True,
    # The API server lets no privileged container say that it may not become so.
    "allowPrivilegeEscalation": True,
}
_TOKEN = "reads how its node's GPUs are to be divided, and writes that they are"  # noqa: S105  a reason


@dataclass(frozen=True, kw_only=True)
class Gpus:
    """What is made of each GPU of a pool's machines."""

    mig: str | None = None
    """The profile that it is divided into, like `1g.18gb`."""
    parts: int = 1
    """How many there are of that profile."""
    slices: int = 1
    """How many pods use it in turn."""
    place: pools.Place | None = None
    """How pods come onto the pool's machines, where the region has not made them."""

    def __post_init__(self) -> None:
        if self.mig and self.slices > 1:
            raise ValueError(f"a GPU is divided into {self.mig}, or shared by {self.slices}, and not both")


@dataclass(frozen=True, kw_only=True)
class GpuDaemonsArgs:
    context: Context
    pools: Mapping[str, Gpus]
    """Those with GPUs, by name."""
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        found: dict[str, int] = {}
        for name, one in self.pools.items():
            if one.mig and found.setdefault(one.mig, one.parts) != one.parts:
                raise ValueError(
                    f"pool {name!r}: {one.mig} is {one.parts} of its GPUs and {found[one.mig]} of another's"
                )


class GpuDaemons(pulumi.ComponentResource):
    """GPUs that are to be divided can be claimed once they are: the plugin waits for the manager's word."""

    def __init__(self, name: str, args: GpuDaemonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:GpuDaemons", name, {}, opts)
        self._args = args
        self._divided = sorted(pool for pool, of in args.pools.items() if of.mig)
        self._places = {pool: of.place for pool, of in args.pools.items() if of.place}
        space = NamespaceArgs(
            context=args.context,
            name=NAMESPACE,
            role="gpu-system",
            flows=_flows(args.context, bool(self._divided)),
            after=args.after,
        )
        self._namespace = Namespace(f"{name}-space", space, pulumi.ResourceOptions(parent=self)).name
        self._plugins()
        self._exporter()
        if self._divided:
            self._manager()
        self.register_outputs({})

    def _plugins(self) -> None:
        """One for all pools that share their GPUs alike: it has its orders from a file, and so needs no token."""
        context, account = self._args.context, self._account(_PLUGIN)
        by_slices: dict[int, list[str]] = defaultdict(list)
        for pool, of in self._args.pools.items():
            by_slices[of.slices].append(pool)
        for slices, names in sorted(by_slices.items()):
            called = _PLUGIN if slices == 1 else f"{_PLUGIN}-{slices}"
            orders = self._files(f"{called}-orders", {"config.yaml": _text(plugin_config(slices))})
            made = _plugin(context)
            volumes = {
                "orders": orders.volume,
                "plugins": _of_machine(f"{_KUBELET}/device-plugins", "Directory"),
                "cdi": _of_machine("/var/run/cdi", "DirectoryOrCreate"),
                "machine": _of_machine("/", "Directory"),
            }
            # By this label the MIG manager waits for it to be gone.
            labels = {"app": "nvidia-device-plugin-daemonset"}
            self._daemon(called, account, made, self._machines(names), volumes, orders, labels=labels)

    def _exporter(self) -> None:
        counters = self._files(f"{_EXPORTER}-counters", {"counters.csv": _COUNTERS.read_text(encoding="utf-8")})
        shared = any(of.slices > 1 for of in self._args.pools.values())
        volumes = {"counters": counters.volume, "pods": _of_machine(f"{_KUBELET}/pod-resources", "Directory")}
        labels = {"app": "nvidia-dcgm-exporter"}
        made = _exporter(self._args.context, shared)
        account, terms = self._account(_EXPORTER), self._machines(list(self._args.pools))
        self._daemon(_EXPORTER, account, made, terms, volumes, counters, labels=labels)

    def _manager(self) -> None:
        args, account = self._args, self._account(_MANAGER)
        profiles = {of.mig: of.parts for of in args.pools.values() if of.mig}
        ways = self._files(f"{_MANAGER}-ways", {"config.yaml": _text(mig_config(profiles))})
        volumes = {
            "ways": ways.volume,
            "machine": _of_machine("/", "Directory"),
            "sys": _of_machine("/sys", "Directory"),
        }
        self._daemon(
            _MANAGER,
            account,
            _manager(args.context),
            self._terms(self._divided),
            volumes,
            ways,
            after=self._grant(account),
            sees=["hostPID", "hostIPC"],
            needs_token=_TOKEN,
        )

    def _daemon(
        self,
        name: str,
        account: str,
        of: Mapping[str, Any],
        terms: Sequence[Mapping[str, Any]],
        volumes: Mapping[str, Mapping[str, Any]],
        files: Files,
        *,
        after: Sequence[pulumi.Resource] = (),
        **more: Any,
    ) -> None:
        """On machines with GPUs that meet one of the terms; other `files` start it again."""
        made = DaemonArgs(
            context=self._args.context,
            namespace=self._namespace,
            account=account,
            container=of,
            nodes={} if self._places else {pools.KIND: "gpu"},
            terms=terms,
            tolerations=self._tolerations(),
            volumes=volumes,
            annotations=files.digest,
            after=[files.make(pulumi.ResourceOptions(parent=self)), *after],
            **more,
        )
        daemon(name, made, self)

    def _machines(self, names: Sequence[str]) -> list[dict[str, list[str]]]:
        """Those of these pools; where GPUs are to be divided, while they are."""
        whole = self._terms(sorted(set(names) - set(self._divided)))
        divided = self._terms(sorted(set(names) & set(self._divided)))
        return whole + [{**term, pools.DIVIDED: ["success"]} for term in divided]

    def _terms(self, names: Sequence[str]) -> list[dict[str, list[str]]]:
        """Those of these pools."""
        made = [name for name in names if name not in self._places]
        given = [self._places[name].nodes for name in names if name in self._places]
        terms = [{key: [value] for key, value in nodes.items()} for nodes in given]
        return [{pools.POOL: made}, *terms] if made else terms

    def _tolerations(self) -> list[dict[str, str]]:
        """Of what the regions' own machines and others are kept free by."""
        found = pools.tolerations("gpu") + [one for place in self._places.values() for one in place.tolerations]
        return [one for number, one in enumerate(found) if one not in found[:number]]

    def _files(self, name: str, texts: Mapping[str, str]) -> Files:
        return Files(name, self._args.context, self._namespace, texts)

    def _account(self, name: str) -> str:
        kubernetes.core.v1.ServiceAccount(
            f"{name}-account",
            metadata=self._args.context.meta(name, self._namespace),
            automount_service_account_token=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return name

    def _grant(self, account: str) -> list[pulumi.Resource]:
        """Its node's labels, and whether the pods that use its GPUs are gone."""
        named = self._args.context.meta(f"falaj-{account}", app=account)
        here = self._args.context.meta(account, self._namespace)
        nodes: Any = [{"apiGroups": [""], "resources": ["nodes"], "verbs": ["get", "list", "watch", "patch"]}]
        pods: Any = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch", "delete"]}]
        whose: Any = [{"kind": "ServiceAccount", "name": account, "namespace": self._namespace}]
        child, rbac = pulumi.ResourceOptions(parent=self), kubernetes.rbac.v1
        role = rbac.ClusterRole(f"{account}-role", metadata=named, rules=nodes, opts=child)
        own = rbac.Role(f"{account}-own-role", metadata=here, rules=pods, opts=child)
        return [
            rbac.ClusterRoleBinding(
                f"{account}-binding", metadata=named, role_ref=_to("ClusterRole", role), subjects=whose, opts=child
            ),
            rbac.RoleBinding(
                f"{account}-own-binding", metadata=here, role_ref=_to("Role", own), subjects=whose, opts=child
            ),
        ]


def plugin_config(slices: int) -> dict[str, Any]:
    """The device plugin's file. Parts are named by their profile; of shares a pod can have one."""
    made: dict[str, Any] = {
        "version": "v1",
        "flags": {
            "migStrategy": "mixed",
            "failOnInitError": True,
            "nvidiaDriverRoot": "/",
            "plugin": {
                "passDeviceSpecs": False,
                "deviceListStrategy": ["cdi-cri"],
                "deviceIDStrategy": "uuid",
                "containerDriverRoot": "/driver-root",
            },
        },
    }
    if slices > 1:
        shared = {"name": pools.GPU, "replicas": slices}
        said = {"renameByDefault": False, "failRequestsGreaterThanOne": True, "resources": [shared]}
        made["sharing"] = {"timeSlicing": said}
    return made


def mig_config(profiles: Mapping[str, int]) -> dict[str, Any]:
    """The MIG manager's file: `all-1g.18gb` divides every GPU into as many of that profile as it has room for."""
    return {
        "version": "v1",
        "mig-configs": {
            f"all-{profile}": [{"devices": "all", "mig-enabled": True, "mig-devices": {profile: parts}}]
            for profile, parts in sorted(profiles.items())
        },
    }


# What the three claim is a guess: none of it ran on a GPU.


def _plugin(context: Context) -> dict[str, Any]:
    return container(
        _PLUGIN,
        context.image("device-plugin"),
        Claim(cpu="50m", memory="128Mi"),
        command=["nvidia-device-plugin"],
        env={**_ALL, **_EVERY_PART, "CONFIG_FILE": "/orders/config.yaml"},
        mounts={
            "orders": "/orders",
            "plugins": f"{_KUBELET}/device-plugins",
            "cdi": "/var/run/cdi",
            "machine": "/driver-root",
        },
        read_only=["orders", "machine"],
        securityContext=_SEES_DEVICES,
    )


def _exporter(context: Context, shared: bool) -> dict[str, Any]:
    probe = {"httpGet": {"path": "/health", "port": "metrics"}}
    return container(
        _EXPORTER,
        context.image("dcgm-exporter"),
        Claim(cpu="100m", memory="512Mi"),
        env={
            **_ALL,
            **_EVERY_PART,
            **_NODE,
            "DCGM_EXPORTER_COLLECTORS": "/counters/counters.csv",
            "DCGM_EXPORTER_KUBERNETES": "true",
            "DCGM_EXPORTER_LISTEN": f":{PORT}",
            # Of a GPU that is used in turn, all the pods that use it.
            "KUBERNETES_VIRTUAL_GPUS": "true" if shared else "false",
        },
        ports={"metrics": PORT},
        mounts={"counters": "/counters", "pods": f"{_KUBELET}/pod-resources"},
        read_only=["counters", "pods"],
        securityContext=_SEES_DEVICES,
        readinessProbe=probe,
        livenessProbe={**probe, "initialDelaySeconds": 60},
    )


def _manager(context: Context) -> dict[str, Any]:
    return container(
        _MANAGER,
        context.image("mig-manager"),
        Claim(cpu="50m", cpu_limit="500m", memory="256Mi"),
        env={
            **_ALL,
            **_NODE,
            "NVIDIA_MIG_CONFIG_DEVICES": "all",
            "CONFIG_FILE": "/ways/config.yaml",
            "DEFAULT_GPU_CLIENTS_NAMESPACE": NAMESPACE,
            "HOST_ROOT_MOUNT": "/host",
            # As its makers say for clouds, whose machines cannot reset a GPU by itself.
            "WITH_REBOOT": "true",
            "WITH_SHUTDOWN_HOST_GPU_CLIENTS": "false",
        },
        mounts={"ways": "/ways", "machine": "/host", "sys": "/sys"},
        read_only=["ways"],
        securityContext=_PRIVILEGED,
    )


def _flows(context: Context, divided: bool) -> list[Flow]:
    """Prometheus reads the exporter; the manager calls the API server."""
    manager = [Flow(name="mig", pods=selector(_MANAGER), egress=api_server(context))] if divided else []
    return [scraped(selector(_EXPORTER), PORT), *manager]


def _of_machine(path: str, kind: str) -> dict[str, Any]:
    return {"hostPath": {"path": path, "type": kind}}


def _to(kind: str, role: kubernetes.rbac.v1.ClusterRole | kubernetes.rbac.v1.Role) -> Any:
    return {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role.metadata.name}


def _text(said: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(said), sort_keys=False)
