"""The stages in which a region is taken away, and which resource belongs to which.

First what users run, then what controllers made for it (load balancers, volumes, machines) while the controllers still
live, then the cluster, its way out, the network. Whatever else there is goes last.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from infra.drain.resource import Resource

_RUNNING = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob", "Pod")
_EXPOSING = ("Ingress", "Gateway", "HTTPRoute", "TargetGroupBinding")
_MACHINES = ("NodePool", "NodeClaim", "EC2NodeClass", "AKSNodeClass", "Provisioner")
_NODE_GROUPS = ("aws:eks/nodeGroup:", "aws:eks/fargateProfile:", "azure-native:containerservice:AgentPool")
_ADDONS = ("aws:eks/addon:", "aws:eks/podIdentityAssociation:", "aws:eks/access")
_CLUSTERS = ("aws:eks/cluster:", "azure-native:containerservice:ManagedCluster")
_DATA = ("aws:rds/", "aws:elasticache/", "aws:efs/", "aws:fsx/", "aws:backup/")
_WAYS_OUT = ("aws:ec2/vpcEndpoint", "aws:ec2/natGateway:", "aws:ec2/eip:", "aws:ec2/route:", "azure-native:network:Nat")
_NETWORK = (
    *(f"aws:ec2/{part}" for part in ("default", "egressOnly", "flowLog", "internetGateway", "network", "route")),
    *(f"aws:ec2/{part}" for part in ("securityGroup", "subnet", "vpc")),
    *("aws:vpc/", "azure-native:network:"),
)


@dataclass(frozen=True)
class Stage:
    """One stage."""

    title: str
    why: str
    """Why it comes where it comes."""
    holds: Callable[[Resource], bool]


def _ray(kind: str) -> Callable[[Resource], bool]:
    return lambda one: one.type.startswith("kubernetes:ray.io/") and one.type.endswith(f":{kind}")


def _kind(one: Resource, kinds: tuple[str, ...]) -> bool:
    return one.type.startswith("kubernetes:") and one.type.rsplit(":", 1)[-1] in kinds


def _starts(*prefixes: str) -> Callable[[Resource], bool]:
    return lambda one: one.type.startswith(prefixes)


def _runs(one: Resource) -> bool:
    return _kind(one, _RUNNING) and not _is_system(one)


def _exposes(one: Resource) -> bool:
    balanced = _part(one.inputs, "spec").get("type") == "LoadBalancer"
    return _kind(one, _EXPOSING) or (_kind(one, ("Service",)) and balanced)


def _is_system(one: Resource) -> bool:
    """Whether it runs the cluster itself: controllers must outlive what they made."""
    namespace = str(_part(one.inputs, "metadata").get("namespace") or "")
    return namespace.endswith("-system")


def _part(fields: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = fields.get(name)
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


STAGES = (
    Stage("Ray services", "no request is answered any more", _ray("RayService")),
    Stage("Ray jobs", "they end before their clusters do", _ray("RayJob")),
    Stage("Ray clusters", "the operator lets their pods go", _ray("RayCluster")),
    Stage("Queues", "nothing is admitted any more", lambda one: "kueue.x-k8s.io/" in one.type),
    Stage("Workloads", "their pods hold volumes and machines", _runs),
    Stage("Load balancers", "their controller takes the cloud's ones away", _exposes),
    Stage("Volumes", "their driver takes the cloud's disks away", lambda one: _kind(one, ("PersistentVolumeClaim",))),
    Stage("Karpenter's machines", "their controller ends them", lambda one: _kind(one, _MACHINES)),
    Stage("The rest in Kubernetes", "controllers, after what they made", _starts("kubernetes:")),
    Stage("Node groups", "machines, while the control plane still drains them", _starts(*_NODE_GROUPS)),
    Stage("Add-ons and access", "after the machines that they run on", _starts(*_ADDONS)),
    Stage("Cluster", "its network interfaces leave the subnets", _starts(*_CLUSTERS)),
    Stage("Databases, caches, files, backups", "they hold interfaces in the subnets", _starts(*_DATA)),
    Stage("Endpoints and ways out", "nothing is left that needs them", _starts(*_WAYS_OUT)),
    Stage("Network", "it is empty now", _starts(*_NETWORK)),
    Stage("Everything else", "keys, stores, roles, logs", lambda _: True),
)


def stage_of(one: Resource) -> Stage:
    """The stage of a resource."""
    return next(stage for stage in STAGES if stage.holds(one))
