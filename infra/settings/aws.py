"""The settings of a stack on AWS."""

from typing import Annotated, Literal

from pydantic import Field

from infra.settings.aws_parts import (
    Audit,
    Backup,
    Budget,
    Cache,
    Cluster,
    Database,
    Files,
    Identity,
    Karpenter,
    Keys,
    Network,
    Quotas,
    Registry,
    Stores,
)
from infra.settings.base import Stack
from infra.settings.platform import Platform
from infra.settings.pool import Pool
from infra.settings.queues import Queue, QueueName
from infra.settings.ray import Ray
from infra.settings.strict import Account, Text

PoolName = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,19}$")]


class AwsStack(Stack):
    """A region of AWS."""

    target: Literal["aws"]
    """Where it runs: AWS."""
    size: Literal["enterprise", "smb"] = "enterprise"
    """`smb` is a small platform without GPUs."""
    account: Account
    """Twelve digits, in quotes."""
    region: Annotated[str, Field(pattern="^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    """A region of the jurisdiction and of the catalogue."""
    owner: Text
    """Team mail that answers for the stack: tag `owner`."""
    cost_center: Text
    """Who pays: tag `cost-centre`."""
    purpose: Text = "ai-platform"
    """What it is for: tag `purpose`."""
    tags: dict[str, str] = {}
    """Further tags of every resource."""
    network: Network
    keys: Keys = Keys()
    stores: Stores = Stores()
    files: Files = Files()
    registry: Registry = Registry()
    cluster: Cluster
    pools: Annotated[dict[PoolName, Pool], Field(min_length=1)]
    quotas: Quotas
    karpenter: Karpenter = Karpenter()
    database: Database
    cache: Cache
    identity: Identity = Identity()
    audit: Audit = Audit()
    backup: Backup = Backup()
    budget: Budget
    platform: Platform = Platform()
    queues: dict[QueueName, Queue] = {}
    """Queues that work in the cluster waits in, by name."""
    ray: Ray = Ray()

    def every_tag(self, retention_days: int) -> dict[str, str]:
        """What each resource carries; its own are every tenant's."""
        return {
            **self.tags,
            "cost-centre": self.cost_center,
            "data-class": self.data_class,
            "env": self.profile,
            "owner": self.owner,
            "purpose": self.purpose,
            "retention": f"{retention_days}d",
            "tenant": "shared",
        }
