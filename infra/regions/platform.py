"""The cluster's platform layer, of a region's settings."""

import pulumi

from components.aws.context import Context as Cloud
from components.aws.mirror import address
from components.aws.region import AwsRegion
from components.kubernetes.context import Context
from components.kubernetes.platform import Platform, PlatformArgs
from infra.settings import AwsStack


def deploy(region: AwsRegion, cloud: Cloud, settings: AwsStack) -> Platform:
    """On the region's cluster, once there are machines for it."""
    args = PlatformArgs(
        context=context_of(cloud, settings),
        signers=settings.platform.signers,
        registries=settings.policy.registries,
        after=region.ready,
    )
    provider = region.cluster.kubernetes("kubernetes")
    return Platform("platform", args, pulumi.ResourceOptions(providers=[provider]))


def context_of(cloud: Cloud, settings: AwsStack) -> Context:
    """What all of the platform's objects share."""
    return Context(
        stack=cloud.stack,
        registry=settings.platform.registry or address(cloud),
        labels=cloud.tags,
        prod=cloud.prod,
        network=[settings.network.cidr],
        services=settings.cluster.service_cidr,
    )
