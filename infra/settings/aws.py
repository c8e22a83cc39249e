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
from infra.settings.base import Clustered, PoolName
from infra.settings.platform import Platform
from infra.settings.pool import Pool
from infra.settings.strict import Account


class AwsStack(Clustered):
    """A region of AWS."""

    target: Literal["aws"]
    """Where it runs: AWS."""
    size: Literal["enterprise", "smb"] = "enterprise"
    """`smb` is a small platform without GPUs."""
    account: Account
    """Twelve digits, in quotes."""
    region: Annotated[str, Field(pattern="^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    """A region of the jurisdiction and of the catalogue."""
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
