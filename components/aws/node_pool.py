"""A pool of machines of one kind: what they are started from, where, and out of which capacity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import pulumi
import pulumi_aws as aws

from components import contracts, pools
from components.aws.context import Context
from components.contracts import Key, Network, Text

Kind = Literal["system", "cpu", "gpu"]
Capacity = Literal["on-demand", "spot", "reserved", "block"]
_CAPACITY: Mapping[Capacity, str] = MappingProxyType(
    {"on-demand": "ON_DEMAND", "spot": "SPOT", "reserved": "ON_DEMAND", "block": "CAPACITY_BLOCK"}
)
# MiB/s that a gp3 volume gives: a GPU machine's images have tens of GiB. 3000 IOPS carry up to 750 MiB/s.
THROUGHPUT: Mapping[Kind, int] = MappingProxyType({"system": 125, "cpu": 250, "gpu": 500})
IOPS = 3000
_EFFECTS = {"NoSchedule": "NO_SCHEDULE"}
_BOTTLEROCKET_OS_GIB = 4


@dataclass(frozen=True, kw_only=True)
class NodePoolArgs:
    context: Context
    cluster: contracts.Cluster
    network: Network
    key: Key
    """Seals the machines' disks."""
    role: Text
    """ARN of the machines' role."""
    name: str
    kind: Kind
    instance_types: Sequence[str]
    """Of one architecture; the first that is to be had is taken."""
    image: str
    """Release of the machine image: `1.35.0-20261101` of Amazon Linux, `1.50.0-…` of Bottlerocket."""
    min: int
    max: int
    desired: int
    autoscaled: bool = False
    """Whether something else than this program sets the number of machines, between `min` and `max`."""
    disk_gib: int
    capacity: Capacity
    reservation: str | None = None
    """`cr-…` of what was reserved, by itself or as a block."""
    placement_group: str | None = None
    """Name of the one that the reservation was made in: machines of another one cannot have its capacity."""
    zones: Sequence[str]
    """Of the network's private subnets. One only where machines stand together or a reservation is."""
    efa_interfaces: int = 0
    """How many network cards speak EFA; a g6.8xlarge has 1, a p5en.48xlarge 16."""
    mig: str | None = None
    """How each GPU is cut: a profile of the GPU operator's MIG manager, such as `all-1g.18gb`."""
    arm: bool = False
    after: Sequence[pulumi.Resource] = ()
    """What must be there before the first machine: the cluster's component, with its daemons."""

    def __post_init__(self) -> None:
        reserved = self.capacity in ("reserved", "block")
        if reserved != (self.reservation is not None):
            raise ValueError(f"pool {self.name!r}: {self.capacity} capacity and the reservation {self.reservation!r}")
        if (reserved or self.efa_interfaces) and len(self.zones) != 1:
            raise ValueError(f"pool {self.name!r} must stand in one zone, not in {', '.join(self.zones) or 'none'}")
        if self.placement_group and self.capacity != "reserved":
            raise ValueError(f"pool {self.name!r}: only a reservation is in a placement group of its own")
        if self.capacity == "block" and len(self.instance_types) != 1:
            raise ValueError(f"pool {self.name!r}: a capacity block is of one instance type")


class NodePool(pulumi.ComponentResource):
    """Its machines are spread over its zones."""

    def __init__(self, name: str, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:NodePool", name, {}, opts)
        self._name, self._args = name, args
        template = self._template(self._placement())
        shares = zip(
            args.zones, *(_shares(size, args.zones) for size in (args.min, args.max, args.desired)), strict=True
        )
        for zone, least, most, first in shares:
            if most:
                self._group(template, zone, least, most, first)
        self.register_outputs({})

    def _placement(self) -> Text | None:
        """Machines that speak EFA stand close together. Those of a block do so of themselves."""
        args = self._args
        if not args.efa_interfaces or args.reservation:
            return args.placement_group
        return aws.ec2.PlacementGroup(
            f"{self._name}-placement",
            strategy="cluster",
            tags=args.context.tagged(f"{self._name}-placement"),
            opts=pulumi.ResourceOptions(parent=self),
        ).name

    def _template(self, placement: Text | None) -> aws.ec2.LaunchTemplate:
        args = self._args
        tags = args.context.tagged(f"{args.context.stack}-{args.name}")
        return aws.ec2.LaunchTemplate(
            f"{self._name}-template",
            update_default_version=True,
            # EKS wants the type of a block here and all others in the group.
            instance_type=args.instance_types[0] if args.capacity == "block" else None,
            instance_market_options=_market(args),
            capacity_reservation_specification=_reservation(args),
            # One hop: pods reach the machine's credentials only from the machine's own network.
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled",
                http_tokens="required",
                http_put_response_hop_limit=1,
                http_protocol_ipv6="disabled",
                instance_metadata_tags="disabled",
            ),
            block_device_mappings=_disks(args),
            network_interfaces=_interfaces(args),
            placement=None if placement is None else aws.ec2.LaunchTemplatePlacementArgs(group_name=placement),
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=tags)
                for kind in ("instance", "volume", "network-interface")
            ],
            tags=args.context.tagged(f"{self._name}-template"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _group(self, template: aws.ec2.LaunchTemplate, zone: str, least: int, most: int, first: int) -> None:
        """One a zone: EKS replaces a group whose subnets change, and an autoscaler sees where a volume's zone is."""
        args, name = self._args, f"{self._name}-{zone[-1]}"
        bounded = args.capacity in ("reserved", "block")
        aws.eks.NodeGroup(
            name,
            cluster_name=args.cluster.name,
            version=args.cluster.version,
            release_version=args.image,
            node_role_arn=args.role,
            subnet_ids=[args.network.private[zone]],
            ami_type=_image(args),
            capacity_type=_CAPACITY[args.capacity],
            instance_types=None if args.capacity == "block" else list(args.instance_types),
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(min_size=least, max_size=most, desired_size=first),
            # Where no more machines can be had than there are, old ones go before new ones come.
            update_config=aws.eks.NodeGroupUpdateConfigArgs(
                max_unavailable=1, update_strategy="MINIMAL" if bounded else "DEFAULT"
            ),
            node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True),
            force_update_version=False,
            labels=pools.labels(args.name, args.kind, args.capacity, args.mig),
            taints=_taints(args),
            tags=args.context.tagged(name),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                delete_before_replace=bounded,
                ignore_changes=["scalingConfig.desiredSize"] if args.autoscaled else None,
            ),
        )


def disks(kind: Kind, gib: int) -> dict[str, int]:
    """GiB by device. Bottlerocket has its system on one and images and pods on another, Amazon Linux all on one."""
    return {"/dev/xvda": gib} if kind == "gpu" else {"/dev/xvda": _BOTTLEROCKET_OS_GIB, "/dev/xvdb": gib}


def _shares(machines: int, zones: Sequence[str]) -> list[int]:
    """A number of machines over zones, as even as can be; what is left over goes to the first ones."""
    each, over = divmod(machines, len(zones))
    return [each + (place < over) for place in range(len(zones))]


def _image(args: NodePoolArgs) -> str:
    """Bottlerocket, which has no shell; with GPUs Amazon Linux, whose driver the GPU operator takes as it is."""
    architecture = "ARM_64" if args.arm else "x86_64"
    return f"AL2023_{architecture}_NVIDIA" if args.kind == "gpu" else f"BOTTLEROCKET_{architecture}"


def _disks(args: NodePoolArgs) -> list[aws.ec2.LaunchTemplateBlockDeviceMappingArgs]:
    return [
        aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
            device_name=device,
            ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                volume_type="gp3",
                volume_size=gib,
                iops=IOPS,
                throughput=THROUGHPUT[args.kind],
                encrypted="true",
                kms_key_id=args.key.arn,
                delete_on_termination="true",
            ),
        )
        for device, gib in disks(args.kind, args.disk_gib).items()
    ]


def _interfaces(args: NodePoolArgs) -> list[aws.ec2.LaunchTemplateNetworkInterfaceArgs]:
    """One interface with addresses and, of machines with several cards, an EFA without any on each card.

    The order is that of EC2's guide ("Maximize network bandwidth on instances with multiple network cards"): addresses
    on card 0, device 0; EFA on card 0, device 1, and on every other card as device 0.
    """
    if args.efa_interfaces <= 1:
        return [_interface(args, 0, 0, "efa" if args.efa_interfaces else "interface")]
    fabric = [_interface(args, card, 0 if card else 1, "efa-only") for card in range(args.efa_interfaces)]
    return [_interface(args, 0, 0, "interface"), *fabric]


def _interface(args: NodePoolArgs, card: int, device: int, kind: str) -> aws.ec2.LaunchTemplateNetworkInterfaceArgs:
    return aws.ec2.LaunchTemplateNetworkInterfaceArgs(
        network_card_index=card,
        device_index=device,
        interface_type=kind,
        associate_public_ip_address="false",
        delete_on_termination="true",
        security_groups=[args.cluster.security_group],
    )


def _market(args: NodePoolArgs) -> aws.ec2.LaunchTemplateInstanceMarketOptionsArgs | None:
    """Without it EC2 starts machines on demand beside the block. EKS makes those of spot groups so itself."""
    block = args.capacity == "block"
    return aws.ec2.LaunchTemplateInstanceMarketOptionsArgs(market_type="capacity-block") if block else None


def _reservation(args: NodePoolArgs) -> aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs | None:
    if args.reservation is None:
        return None
    target = aws.ec2.LaunchTemplateCapacityReservationSpecificationCapacityReservationTargetArgs(
        capacity_reservation_id=args.reservation
    )
    return aws.ec2.LaunchTemplateCapacityReservationSpecificationArgs(
        capacity_reservation_preference="capacity-reservations-only", capacity_reservation_target=target
    )


def _taints(args: NodePoolArgs) -> list[aws.eks.NodeGroupTaintArgs]:
    return [
        aws.eks.NodeGroupTaintArgs(key=one["key"], value=one["value"], effect=_EFFECTS[one["effect"]])
        for one in pools.taints(args.kind)
    ]
