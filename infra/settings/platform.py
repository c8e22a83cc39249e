"""What runs in the cluster for all its tenants."""

from typing import Annotated

from pydantic import Field

from infra.settings.strict import Days, Strict

Address = Annotated[str, Field(pattern=r"^[a-z0-9.-]+(:\d+)?(/[a-z0-9._-]+)*$", max_length=200)]

PublicKey = Annotated[str, Field(pattern=r"^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=\n]+-----END PUBLIC KEY-----\n?$")]


Bundle = Annotated[
    str, Field(pattern=r"^(-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----\n?)+$")
]

SecretName = Annotated[str, Field(pattern=r"^[A-Za-z0-9/_+=.@-]+$", max_length=512)]


class Monitoring(Strict):
    """Metrics, alerts and dashboards."""

    retention_days: Days = 30
    """How long metrics are kept, days."""
    storage_gib: Annotated[int, Field(ge=10, le=16384)] = 200
    """Disk for metrics, GiB."""
    receivers: SecretName | None = None
    """Name of your secret with the webhooks `page` and `ticket`: JSON in Secrets Manager, or a Secret of
    `secrets.namespace` on a cluster that is there already. Nobody is told when null."""


class Tracking(Strict):
    """Runs and metrics."""

    authorities: Bundle | None = None
    """Certificates (PEM) by which the database is known: AWS's bundle for the region. Not looked at when null."""


class Layer(Strict):
    """What the layer has on any cluster."""

    signers: list[PublicKey] = []
    """Public keys (PEM) of those whose signatures of images count, as `cosign sign` makes them. The gate wants one."""
    monitoring: Monitoring = Monitoring()
    admission: bool = True
    """Whether the cluster itself refuses what the gate's rules refuse, too."""


class Backups(Strict):
    """Backups of the cluster's disks and objects, besides those of the cloud's own services (`backup`)."""

    enabled: bool = True
    """Whether they are made, each day."""
    hour: Annotated[int, Field(ge=0, le=23)] = 22
    """When they begin, the hour of UTC."""
    keep_days: Days = 30
    """How long each is kept, days."""


class Platform(Layer):
    """The cluster's platform layer."""

    enabled: bool = False
    """Whether it is deployed. Who applies it reaches the cluster's API, which is private."""
    registry: Address | None = None
    """What the addresses of its images begin with; the region's own mirror when null. `falaj mirror` fills it."""
    tracking: Tracking = Tracking()
    backups: Backups = Backups()
