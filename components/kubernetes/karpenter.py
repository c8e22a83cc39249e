"""Karpenter: machines that come when pods wait for one, and go when nobody is on them.

It speaks to the API server, and to AWS by the network's private ways only: so it is told that its network is isolated
(prices are of its own list), its region, and images by their names, which EC2 knows; the parameters that aliases of
images stand for have no private way (`ssm`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_kubernetes as kubernetes

from components import contracts, pools
from components.contracts import Text
from components.kubernetes.context import Context, selector
from components.kubernetes.flow import CREDENTIALS, Flow, api_server
from components.kubernetes.monitoring.scrape import scraped
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.vendored import Vendored, VendoredArgs

NAMESPACE = ACCOUNT = "karpenter"
"""Who its role in the cloud is for."""
_PODS = selector("karpenter")
_CLASSES, _POOLS = ("karpenter.k8s.aws", "EC2NodeClass"), ("karpenter.sh", "NodePool")
_TOKEN = "makes nodes for pods that wait, and takes empty ones away"  # noqa: S105  a reason


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Machines of one kind, none of which is there before a pod waits for it."""

    kind: Literal["cpu", "gpu"]
    instance_types: Sequence[str]
    """Of one architecture."""
    arm: bool = False
    image: str
    """Release of the machine image: with GPUs of Amazon Linux, `1.35.7-20260911`; else of Bottlerocket."""
    capacity: Literal["on-demand", "spot"]
    zones: Sequence[str]
    disks: Mapping[str, int]
    """GiB by the device's name."""
    throughput: int
    """MiB/s of each disk."""
    iops: int
    cpus: int
    """Processors that all of its machines may have together."""
    gib: int
    """Their memory, GiB."""
    gpus: int = 0
    """Their GPUs."""


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """What is known of the cloud where machines come from, and which there may be."""

    stack: str
    region: str
    version: str
    """Of Kubernetes, `1.35`."""
    queue: str
    """Where the cloud says that it takes machines away."""
    profile: Text
    """Instance profile of the machines."""
    security_group: Text
    subnets: Mapping[str, Text]
    """By zone."""
    key: contracts.Key
    """Seals the machines' disks."""
    tags: Mapping[str, str]
    """On every machine, its disks and its interfaces."""
    pools: Mapping[str, Pool]


@dataclass(frozen=True, kw_only=True)
class KarpenterArgs:
    context: Context
    fleet: Fleet
    after: Sequence[pulumi.Resource] = ()
    """Its role and its queue, and machines that it runs on, which it does not make itself."""


class Karpenter(pulumi.ComponentResource):
    """`ready` is what work on its machines waits for."""

    ready: Sequence[pulumi.Resource]

    def __init__(self, name: str, args: KarpenterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:kubernetes:Karpenter", name, {}, opts)
        self._name, self._args = name, args
        child = pulumi.ResourceOptions(parent=self)
        space = NamespaceArgs(context=args.context, name=NAMESPACE, flows=_flows(args.context), after=args.after)
        made = VendoredArgs(
            context=args.context,
            name="karpenter",
            images={"controller": "karpenter"},
            needs_token=_TOKEN,
            settings=_settings(args),
            after=[*args.after, Namespace(f"{name}-space", space, child)],
        )
        self._controller = Vendored(f"{name}-controller", made, child).ready
        self.ready = [self._pool(pool, of) for pool, of in args.fleet.pools.items()]
        self.register_outputs({})

    def _pool(self, name: str, pool: Pool) -> pulumi.Resource:
        machines = self._custom(_CLASSES, "class", name, node_class(name, pool, self._args.fleet), [])
        return self._custom(_POOLS, "pool", name, node_pool(name, pool), [machines])

    def _custom(
        self, of: tuple[str, str], word: str, name: str, spec: Any, after: Sequence[pulumi.Resource]
    ) -> kubernetes.apiextensions.CustomResource:
        group, kind = of
        return kubernetes.apiextensions.CustomResource(
            f"{self._name}-{word}-{name}",
            api_version=f"{group}/v1",
            kind=kind,
            metadata=self._args.context.meta(name, app="karpenter"),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self._controller, *after]),
        )


def node_class(name: str, pool: Pool, fleet: Fleet) -> dict[str, Any]:
    """How a machine of the pool is started: as those of node groups are."""
    family, image = _image(pool, fleet.version)
    return {
        "amiFamily": family,
        "amiSelectorTerms": [{"name": image, "owner": "amazon"}],
        "instanceProfile": fleet.profile,
        "securityGroupSelectorTerms": [{"id": fleet.security_group}],
        "subnetSelectorTerms": [{"id": fleet.subnets[zone]} for zone in pool.zones],
        "associatePublicIPAddress": False,
        # One hop: pods reach the machine's credentials only from the machine's own network.
        "metadataOptions": {
            "httpEndpoint": "enabled",
            "httpTokens": "required",
            "httpPutResponseHopLimit": 1,
            "httpProtocolIPv6": "disabled",
        },
        "blockDeviceMappings": [
            {
                "deviceName": device,
                "ebs": {
                    "volumeType": "gp3",
                    "volumeSize": f"{gib}Gi",
                    "iops": pool.iops,
                    "throughput": pool.throughput,
                    "encrypted": True,
                    "kmsKeyID": fleet.key.arn,
                    "deleteOnTermination": True,
                },
            }
            for device, gib in pool.disks.items()
        ],
        "tags": {**fleet.tags, "Name": f"{fleet.stack}-{name}"},
    }


def node_pool(name: str, pool: Pool) -> dict[str, Any]:
    """Which machines there may be, and when one goes: once it is empty, one at a time, and never for its age."""
    wanted = {
        "node.kubernetes.io/instance-type": list(pool.instance_types),
        "topology.kubernetes.io/zone": list(pool.zones),
        "karpenter.sh/capacity-type": [pool.capacity],
        "kubernetes.io/arch": ["arm64" if pool.arm else "amd64"],
        "kubernetes.io/os": ["linux"],
    }
    spec: dict[str, Any] = {
        "nodeClassRef": {"group": _CLASSES[0], "kind": _CLASSES[1], "name": name},
        "requirements": [{"key": key, "operator": "In", "values": values} for key, values in wanted.items()],
        "expireAfter": "Never",
    }
    if taints := pools.taints(pool.kind):
        spec["taints"] = taints
    limits = {"cpu": str(pool.cpus), "memory": f"{pool.gib}Gi"}
    return {
        "template": {
            "metadata": {"labels": pools.labels(name, pool.kind, pool.capacity, None)},
            "spec": spec,
        },
        "limits": {**limits, pools.GPU: str(pool.gpus)} if pool.gpus else limits,
        "disruption": {
            "consolidationPolicy": "WhenEmpty",
            "consolidateAfter": "5m",
            "budgets": [{"nodes": "1"}],
        },
    }


def _image(pool: Pool, version: str) -> tuple[str, str]:
    """Family and name. Amazon Linux's releases begin with the patch of Kubernetes, and its images end with the day."""
    if pool.kind == "gpu":
        day = pool.image.rpartition("-")[2]
        return "AL2023", f"amazon-eks-node-al2023-{'arm64' if pool.arm else 'x86_64'}-nvidia-{version}-v{day}"
    return "Bottlerocket", f"bottlerocket-aws-k8s-{version}-{'aarch64' if pool.arm else 'x86_64'}-v{pool.image}"


def _settings(args: KarpenterArgs) -> dict[str, str]:
    return {
        "AWS_REGION": args.fleet.region,
        "CLUSTER_NAME": args.fleet.stack,
        "INTERRUPTION_QUEUE": args.fleet.queue,
        "ISOLATED_VPC": "true",
    }


def _flows(context: Context) -> list[Flow]:
    """The API server and the cloud's services, both in the private network; Prometheus reads it."""
    return [scraped(_PODS, 8080), Flow(name="cloud", pods=_PODS, egress=[*api_server(context), CREDENTIALS])]
