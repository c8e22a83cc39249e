"""The sections of a stack on AWS, but its pools."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from infra.settings.pool import Letter
from infra.settings.strict import Day, Days, Strict

Cidr = Annotated[str, Field(pattern=r"^(\d{1,3}\.){3}\d{1,3}/\d{1,2}$")]
Arn = Annotated[str, Field(pattern=r"^arn:aws:iam::\d{12}:(role|user)/\S+$")]
Mail = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Schedule = Annotated[str, Field(pattern=r"^cron\(.+\)$")]
Name = Annotated[str, Field(pattern="^[a-z][a-z0-9._/-]*$", max_length=200)]
Addon = Literal[
    "vpc-cni",
    "coredns",
    "kube-proxy",
    "eks-pod-identity-agent",
    "aws-ebs-csi-driver",
    "aws-efs-csi-driver",
    "aws-fsx-csi-driver",
    "amazon-cloudwatch-observability",
]
AddonVersion = Annotated[str, Field(pattern=r"^v\d+\.\d+\.\d+-eksbuild\.\d+$")]
LogDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
"""The retention times that CloudWatch Logs knows, days."""


def _lustre(size: int) -> int:
    if size != 1200 and size % 2400:
        raise ValueError(f"{size} is neither 1200 nor a multiple of 2400")
    return size


class Network(Strict):
    """The private network."""

    cidr: Cidr
    """IPv4 range, /16 to /22."""
    zones: Annotated[int, Field(ge=2, le=6)] | Annotated[list[Letter], Field(min_length=2, max_length=6)] = 3
    """How many of the region's zones, or the letters of those. EKS and databases need two."""
    ipv6: bool = False
    """Whether subnets have IPv6 ranges too."""
    nat: Literal["per-zone", "single", "none"] = "per-zone"
    """NAT gateways: one a zone, one for all (cheaper, and lost with its zone), or none (no way out at all)."""
    flow_log_days: LogDays = 365
    """How long flow logs are kept, days."""


class Keys(Strict):
    """Keys of the key service, one for each purpose."""

    rotation_days: Annotated[int, Field(ge=90, le=2560)] = 365
    """Days between two rotations."""
    deletion_days: Annotated[int, Field(ge=7, le=30)] = 30
    """Days that a deleted key can still be restored."""


class Stores(Strict):
    """Object stores."""

    retention_days: Days = 365
    """Object Lock of the audit store: nobody can delete earlier, days."""
    noncurrent_days: Days = 90
    """How long replaced versions are kept, days."""
    log_days: Days = 365
    """How long access logs are kept, days."""


class Files(Strict):
    """The shared file system."""

    kind: Literal["efs", "lustre", "none"] = "efs"
    """Elastic File System, FSx for Lustre, or none."""
    throughput_mibps: Annotated[int, Field(ge=1, le=3072)] | None = None
    """Of `efs`, MiB/s; grows with use when null. Of `lustre`, MB/s for each TiB: 125 (when null), 250, 500 or 1000."""
    capacity_gib: Annotated[int, Field(ge=1200, le=2_000_400), AfterValidator(_lustre)] = 1200
    """Size of `lustre`: 1200 or a multiple of 2400, GiB."""
    restore_tested: Day | None = None
    """Day when a backup was last restored to try it, like `2026-11-01`."""

    @model_validator(mode="after")
    def _steps(self) -> "Files":
        if self.kind == "lustre" and self.throughput_mibps not in (None, 125, 250, 500, 1000):
            raise ValueError(f"throughput_mibps {self.throughput_mibps} is none of Lustre's: 125, 250, 500, 1000")
        return self


class Registry(Strict):
    """The container registry."""

    repositories: list[Name] = ["ray", "workloads"]
    """Its repositories."""
    keep_images: Annotated[int, Field(ge=1, le=1000)] = 50
    """Images kept in each."""


class Cluster(Strict):
    """The Kubernetes control plane (EKS)."""

    version: Annotated[str, Field(pattern=r"^1\.\d{2}$")]
    """Kubernetes version, in quotes."""
    extended_support: bool = False
    """Whether it may run on in EKS's extended support, which costs six times as much."""
    admins: Annotated[list[Arn], Field(min_length=1)]
    """IAM roles that may administer it."""
    service_cidr: Cidr = "172.20.0.0/16"
    """Addresses of Kubernetes services, /12 to /24, outside the network's range."""
    log_days: LogDays = 365
    """How long control-plane logs are kept, days."""
    addons: dict[Addon, AddonVersion]
    """Version of each add-on."""


class Quotas(Strict):
    """The account's EC2 quotas in this region, in vCPUs, as `falaj doctor --stack` reads them."""

    standard: Annotated[int, Field(ge=0)] = 0
    """Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances."""
    g: Annotated[int, Field(ge=0)] = 0
    """Running On-Demand G and VT instances."""
    p: Annotated[int, Field(ge=0)] = 0
    """Running On-Demand P instances. Capacity Blocks do not count."""
    standard_spot: Annotated[int, Field(ge=0)] = 0
    """All Standard Spot instance requests."""
    g_spot: Annotated[int, Field(ge=0)] = 0
    """All G and VT Spot instance requests."""
    p_spot: Annotated[int, Field(ge=0)] = 0
    """All P5 (and P4, P3, P2) Spot instance requests."""


class Karpenter(Strict):
    """Nodes made to measure."""

    enabled: bool = False
    """Whether Karpenter's roles and queue are made and, with the platform, it makes machines: docs/kubernetes.md."""


class Database(Strict):
    """PostgreSQL, for the tracking server."""

    instance_class: Annotated[str, Field(pattern=r"^db\.[a-z0-9-]+\.[a-z0-9-]+$")]
    """RDS instance class."""
    version: Annotated[str, Field(pattern=r"^\d+(\.\d+)?$")] = "17"
    """PostgreSQL version, in quotes."""
    storage_gib: Annotated[int, Field(ge=20, le=65536)] = 50
    """Storage at first, GiB."""
    max_storage_gib: Annotated[int, Field(ge=20, le=65536)] = 500
    """Storage it may grow to, GiB."""
    multi_zone: bool = True
    """Whether a standby runs in another zone."""
    backup_days: Annotated[int, Field(ge=1, le=35)] = 35
    """Days that it can be restored to any moment of."""
    restore_tested: Day | None = None
    """Day when a backup was last restored to try it, like `2026-11-01`."""

    @model_validator(mode="after")
    def _grows(self) -> "Database":
        if self.max_storage_gib <= self.storage_gib:
            raise ValueError(f"max_storage_gib {self.max_storage_gib} is not over storage_gib {self.storage_gib}")
        return self


class Cache(Strict):
    """Valkey, for Ray's control store and the online features."""

    node_type: Annotated[str, Field(pattern=r"^cache\.[a-z0-9-]+\.[a-z0-9-]+$")]
    """ElastiCache node type."""
    version: Annotated[str, Field(pattern=r"^\d+\.\d+$")] = "8.0"
    """Valkey version, in quotes."""
    replicas: Annotated[int, Field(ge=0, le=5)] = 1
    """Copies that take over when the primary is lost."""


class Ci(Strict):
    """Who plans and applies without a stored secret (OpenID Connect)."""

    issuer: Annotated[str, Field(pattern=r"^https://[^\s*]+$")]
    """Its issuer, like `https://token.actions.githubusercontent.com`."""
    subject: Annotated[str, Field(pattern=r"^[^\s*?]+$")]
    """The one subject that may apply, like `repo:org/platform:environment:uae`."""
    plan_subject: Annotated[str, Field(pattern=r"^[^\s*?]+$")] | None = None
    """The one subject that may plan, like `repo:org/platform:pull_request`; none by default."""
    provider: bool = True
    """Whether the issuer is made known to the account; it can be only once an account."""


class Identity(Strict):
    """Roles."""

    ci: Ci | None = None
    """The pipeline that deploys; none by default."""
    operators: list[Arn] = []
    """IAM roles that may take the operators' role."""
    mfa: bool = True
    """Whether operators must have signed in with a second factor."""


class Audit(Strict):
    """The audit trail."""

    log_days: LogDays = 365
    """How long its log is kept at hand, days; the audit store keeps it for `stores.retention_days`."""
    guardduty: bool = True
    """Whether GuardDuty watches."""
    alarm_emails: list[Mail] = []
    """Who is told of an alarm."""


class Backup(Strict):
    """Backups, in the country."""

    schedule: Schedule = "cron(0 22 * * ? *)"
    """When the daily one begins, UTC."""
    keep_days: Days = 35
    """How long a daily backup is kept, days."""
    weekly_schedule: Schedule = "cron(0 23 ? * FRI *)"
    """When the weekly one begins, UTC."""
    weekly_keep_days: Days = 91
    """How long a weekly backup is kept, days."""
    lock_days: Days = 7
    """How long nobody can delete one, days; at most `keep_days`."""
    test_schedule: Schedule | None = "cron(0 20 1 * ? *)"
    """When the newest backups are restored to try them, UTC; never when null."""

    @model_validator(mode="after")
    def _kept(self) -> "Backup":
        if self.lock_days > self.keep_days:
            raise ValueError(f"lock_days {self.lock_days} is over keep_days {self.keep_days}")
        return self


class Budget(Strict):
    """What it may cost."""

    monthly_usd: Annotated[int, Field(ge=1)]
    """Most that it should cost a month, USD."""
    emails: Annotated[list[Mail], Field(min_length=1, max_length=10)]
    """Who is told at 80 % spent and at 100 % foreseen."""
