"""What controllers and services make outside of a stack's state, and how to find what they left behind."""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from infra.drain.resource import Resource


@dataclass(frozen=True)
class Leak:
    """One kind of thing that may be left, of one cluster or network. `query` prints those that are."""

    what: str
    where: str
    query: str


def leaks(state: Mapping[str, Resource]) -> tuple[Leak, ...]:
    """Everything that may be left of the clusters and networks in a state."""
    return tuple(leak for one in state.values() for leak in _of(one, state))


def _of(one: Resource, state: Mapping[str, Resource]) -> Iterator[Leak]:
    provider = state.get(one.provider)
    region = str((provider.inputs.get("region") if provider else None) or one.outputs.get("region") or "")
    match one.type:
        case "aws:eks/cluster:Cluster":
            yield from _of_cluster(one.name, str(one.outputs.get("name") or one.id), region)
        case "aws:ec2/vpc:Vpc":
            yield from _of_network(one.name, one.id, region)
        case _:
            return


def _of_cluster(where: str, name: str, region: str) -> Iterator[Leak]:
    """Found by the tags that each controller puts on what it makes."""
    balanced, owned = f"Key=elbv2.k8s.aws/cluster,Values={name}", f"Name=tag:kubernetes.io/cluster/{name},Values=owned"
    kinds = ("elasticloadbalancing:loadbalancer", "elasticloadbalancing:targetgroup", "ec2:security-group")
    yield Leak(
        "load balancers, target groups and security groups of Services and Ingresses",
        where,
        _aws(
            region, "resourcegroupstaggingapi get-resources --resource-type-filters", *kinds, "--tag-filters", balanced
        ),
    )
    yield Leak(
        "network interfaces of pods",
        where,
        _aws(
            region,
            "ec2 describe-network-interfaces --filters",
            f"Name=tag:cluster.k8s.amazonaws.com/name,Values={name}",
        ),
    )
    yield Leak(
        "disks of volume claims",
        where,
        _aws(region, "ec2 describe-volumes --filters", "Name=tag:ebs.csi.aws.com/cluster,Values=true", owned),
    )
    yield Leak(
        "machines that Karpenter started",
        where,
        _aws(
            region,
            "ec2 describe-instances --filters",
            "Name=tag-key,Values=karpenter.sh/nodepool",
            owned,
            "Name=instance-state-name,Values=pending,running,stopping,stopped",
        ),
    )
    yield Leak(
        "the log group that EKS makes anew while the cluster ends",
        where,
        _aws(region, "logs describe-log-groups --log-group-name-prefix", f"/aws/eks/{name}/"),
    )


def _of_network(where: str, id_: str, region: str) -> Iterator[Leak]:
    yield Leak(
        "network interfaces that keep the network from going",
        where,
        _aws(region, "ec2 describe-network-interfaces --filters", f"Name=vpc-id,Values={id_}"),
    )
    yield Leak(
        "endpoints that GuardDuty made",
        where,
        _aws(
            region,
            "ec2 describe-vpc-endpoints --filters",
            f"Name=vpc-id,Values={id_}",
            "Name=tag:GuardDutyManaged,Values=true",
        ),
    )


def _aws(region: str, command: str, *arguments: str) -> str:
    at = f" --region {shlex.quote(region)}" if region else ""
    return f"aws {command} {' '.join(map(shlex.quote, arguments))}{at}"
