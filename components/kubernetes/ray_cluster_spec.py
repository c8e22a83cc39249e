"""What clusters, services and jobs of Ray have in common: their settings, and the cluster in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.contracts import Endpoint, Text
from components.kubernetes import ray_rules, ray_tls
from components.kubernetes.context import Context
from components.kubernetes.flow import Peer
from components.kubernetes.pod import Claim, container
from components.kubernetes.ray_group import CLUSTER, PORTS, Group, Head, Mount, Pods
from components.kubernetes.ray_operator import NAMESPACE

_OPEN = ("dashboard", "serve", "metrics")
_NEEDS_TOKEN = "Ray's autoscaler sets how many workers there are; its container alone has the token"  # noqa: S105
_TOKEN = {"kube-token": "/var/run/secrets/kubernetes.io/serviceaccount"}
_IDLE = 300  # seconds after which the autoscaler lets a worker go
_PATIENCE = {"RAY_redis_db_connect_retries": "5400"}
"""A head that starts while its cache is away asks for nine minutes, ten times a second. After one, Ray's default, it
would end, and Kubernetes would have it wait, longer each time, up to five; after ten its probe takes it for dead."""


@dataclass(frozen=True, kw_only=True)
class RayClusterArgs:
    """Of a cluster, a service and a job."""

    context: Context
    namespace: Text
    head: Head
    groups: Sequence[Group]
    image: str | None = None
    """Of all pods, by digest, with `openssl` in it; when None the platform's own, with and without what GPUs need."""
    version: str | None = None
    """Of Ray in `image`."""
    token: Text
    """Name of the Secret whose `auth_token` every call must show."""
    queue: str | None = None
    """Name of Kueue's LocalQueue. Admitted as a whole, the cluster has each group's most workers, and no autoscaler."""
    priority: str | None = None
    """Name of the PriorityClass; Kueue goes by it, too."""
    peers: Sequence[Peer] = ()
    """Who else reaches it: its dashboard (8265), what it serves (8000), its metrics (8080)."""
    reaches: Sequence[Peer] = ()
    """What else it reaches, such as the tracking server."""
    operator: str = NAMESPACE
    """Namespace of KubeRay's operator."""
    env: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Further variables of every Ray container."""
    mounts: Sequence[Mount] = ()
    """Further volumes of every Ray container."""
    after: Sequence[pulumi.Resource] = ()

    def __post_init__(self) -> None:
        if (self.image is None) != (self.version is None):
            raise ValueError(f"image {self.image!r} with Ray {self.version!r}: give both, or neither")
        ray_rules.require_version(self.release)
        ray_rules.require_groups([group.name for group in self.groups])
        if self.image is not None and "@sha256:" not in self.image:
            raise ValueError(f"image {self.image!r} is not named by its digest")
        allowed = {PORTS[name] for name in _OPEN}
        for peer in self.peers:
            if not peer.ports or not set(peer.ports) <= allowed:
                raise ValueError(f"ports {list(peer.ports)} are not for others; {sorted(allowed)} are")

    @property
    def release(self) -> str:
        """Of Ray."""
        return self.version or ray_rules.release()

    @property
    def autoscaled(self) -> bool:
        """Whether the number of workers follows the work."""
        return self.queue is None

    @property
    def labels(self) -> dict[str, str]:
        """Of the object, for Kueue."""
        return {"kueue.x-k8s.io/queue-name": self.queue} if self.queue else {}

    def image_of(self, *, gpus: bool) -> str:
        """Of pods with or without GPUs."""
        return self.image or self.context.image("ray-gpu" if gpus else "ray-cpu")


def pods(name: str, args: RayClusterArgs, account: Text) -> Pods:
    """What makes the pods of a cluster that is called so."""
    labels = args.context.labelled(name)
    del labels["app.kubernetes.io/name"]  # KubeRay's services look for its own
    return Pods(
        name=name,
        image=args.image_of(gpus=False),
        account=account,
        labels={**labels, CLUSTER: name},
        env=args.env,
        priority=args.priority,
        mounts=args.mounts,
    )


def cluster(name: str, args: RayClusterArgs, account: Text, cache: Endpoint | None = None) -> dict[str, Any]:
    """A RayCluster's spec. `cache` keeps its state; its secret is a Secret with `username` and `password`."""
    made = pods(name, args, account)
    spec: dict[str, Any] = {
        "rayVersion": args.release,
        "authOptions": {"mode": "token", "secretName": args.token},
        "enableInTreeAutoscaling": args.autoscaled,
        "workerGroupSpecs": [
            made.workers(group, args.image_of(gpus=bool(group.gpus)), autoscaled=args.autoscaled)
            for group in args.groups
        ],
    }
    if args.autoscaled:
        spec |= {"autoscalerOptions": _autoscaler(made.image)}
    if cache:
        spec |= {"gcsFaultToleranceOptions": _kept(cache)}
    token = {"kube-token": _kube_token()} if args.autoscaled else {}
    reason = _NEEDS_TOKEN if args.autoscaled else ""
    authorities = cache.authorities if cache else None
    head = made.head(args.head, token, reason, _PATIENCE if cache else {}, authorities)
    return {**spec, "headGroupSpec": head}


def _autoscaler(image: str) -> dict[str, Any]:
    """KubeRay makes a container beside the head's of it."""
    mounts = {"ray-logs": "/tmp/ray", **ray_tls.MOUNT, **_TOKEN}  # noqa: S108
    env = {"HOME": "/tmp", **ray_tls.ENVIRONMENT}  # noqa: S108
    claim = Claim(cpu="500m", memory="1Gi")
    made = container("autoscaler", image, claim, env=env, mounts=mounts, read_only=["tls", "kube-token"])
    fields = ("image", "imagePullPolicy", "env", "resources", "securityContext", "volumeMounts")
    taken = {name: made[name] for name in fields}
    return {"version": "v2", "upscalingMode": "Default", "idleTimeoutSeconds": _IDLE, **taken}


def _kube_token() -> dict[str, Any]:
    """What Kubernetes would mount in every container of the pod: drivers of jobs run beside the autoscaler."""
    root = {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}
    account = {"path": "token", "expirationSeconds": 3600}
    return {"projected": {"sources": [{"serviceAccountToken": account}, {"configMap": root}]}}


def _kept(cache: Endpoint) -> dict[str, Any]:
    """Where the head's state outlives it, over TLS."""

    def of(key: str) -> dict[str, Any]:
        return {"valueFrom": {"secretKeyRef": {"name": cache.secret, "key": key}}}

    address = pulumi.Output.concat("rediss://", cache.host, f":{cache.port}")
    return {"redisAddress": address, "redisUsername": of("username"), "redisPassword": of("password")}
