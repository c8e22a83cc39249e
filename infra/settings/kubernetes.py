"""The settings of a stack on a cluster that is there already."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from infra.settings.base import Clustered, PoolName
from infra.settings.given import (
    Artifacts,
    Cache,
    Cluster,
    Database,
    Disks,
    Energy,
    GivenPlatform,
    GivenPool,
    Secrets,
    State,
)
from infra.settings.strict import Days


class KubernetesStack(Clustered):
    """A cluster that is there already, whoever runs it: the platform layer and Ray are put onto it."""

    target: Literal["kubernetes"]
    """Where it runs: on the cluster of a kubeconfig."""
    cluster: Cluster
    state: State | None = None
    retention_days: Days = 365
    """How long what it holds is kept, days: tag `retention`."""
    pools: Annotated[dict[PoolName, GivenPool], Field(min_length=1)]
    disks: Disks
    secrets: Secrets = Secrets()
    cache: Cache | None = None
    database: Database | None = None
    artifacts: Artifacts | None = None
    energy: Energy
    platform: GivenPlatform

    @model_validator(mode="after")
    def _tracked(self) -> "KubernetesStack":
        if self.artifacts and self.database is None:
            raise ValueError("artifacts are files of runs, and without a database there are none")
        return self
