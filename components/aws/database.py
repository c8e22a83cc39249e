"""PostgreSQL for the tracking server: sealed, spread over zones, reached by machines over TLS and by nobody else.

RDS makes the master's password and keeps it in Secrets Manager; neither the program nor its state ever has it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws import backup
from components.aws.context import Context
from components.aws.firewall import firewall
from components.aws.log_group import log_group
from components.aws.role import Role, RoleArgs, by_service

PORT = 5432
_LOGS = ("postgresql", "upgrade")
_ZONES = 2
"""RDS takes no subnet group of fewer, whether or not a standby runs in another."""
# The region's authorities, valid until 2061; the instance's own certificate is renewed by RDS.
_AUTHORITY = "rds-ca-rsa2048-g1"
_SETTINGS: Mapping[str, str] = MappingProxyType(
    {
        "rds.force_ssl": "1",
        "ssl_min_protocol_version": "TLSv1.2",
        "password_encryption": "scram-sha-256",
        "rds.accepted_password_auth_method": "scram",
        "log_connections": "1",
        "log_disconnections": "1",
        "log_lock_waits": "1",
        "log_min_duration_statement": "1000",
        "log_statement": "ddl",
        "pgaudit.log": "ddl,role",
        "shared_preload_libraries": "pg_stat_statements,pgaudit",
    }
)
# These take effect with a restart only.
_AT_START = frozenset({"rds.accepted_password_auth_method", "shared_preload_libraries"})


@dataclass(frozen=True, kw_only=True)
class DatabaseArgs:
    context: Context
    network: contracts.Network
    clients: contracts.Text
    """Security group of those who connect."""
    key: contracts.Key
    """Of the data, its snapshots and its performance figures."""
    log_key: contracts.Key
    secret_key: contracts.Key
    """Of the master's password."""
    instance_class: str
    version: str
    """Of PostgreSQL: `17`, or one of its minor versions."""
    storage_gib: int
    max_storage_gib: int
    """Storage grows to this by itself; as much as `storage_gib`, or less, for never."""
    multi_zone: bool = True
    backup_days: int = 35
    """Days that it can be restored to any moment of, 1 to 35."""
    log_days: int = 365
    name: str = "mlflow"
    """Of the database."""
    restore_tested: str | None = None
    """Day when a backup was last restored to try it, such as 2026-01-31."""
    boundary: contracts.Text | None = None
    """ARN of the policy that no right of a role goes beyond."""


class Database(pulumi.ComponentResource):
    """`endpoint` is what others need of it; its secret is the ARN of the master's password."""

    endpoint: contracts.Endpoint
    id: contracts.Text
    """The instance's resource id: what IAM names who connects as by `rds-db:connect`."""
    arn: contracts.Text

    def __init__(self, name: str, args: DatabaseArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Database", name, {}, opts)
        self._name, self._args, self._context = name, args, args.context
        # An instance that outlives its stack keeps its subnets, settings, firewall and figures.
        self._child = pulumi.ResourceOptions(parent=self, retain_on_delete=args.context.prod)
        self._identifier = f"{args.context.stack}-{name}"
        if len(args.network.intra) < _ZONES:
            raise ValueError(f"RDS wants subnets in {_ZONES} zones, the network has {len(args.network.intra)}: add one")
        logs = [self._log(kind) for kind in _LOGS]
        instance = self._instance(self._role(), logs)
        self.id, self.arn = instance.resource_id, instance.arn
        secret = instance.master_user_secrets.apply(lambda secrets: secrets[0].secret_arn or "")
        self.endpoint = contracts.Endpoint(host=instance.address, port=PORT, secret=secret)
        self.register_outputs({})

    def _log(self, kind: str) -> aws.cloudwatch.LogGroup:
        group, args = f"/aws/rds/instance/{self._identifier}/{kind}", self._args
        made = f"{self._name}-{kind}-log"
        return log_group(made, self._context, group, days=args.log_days, key=args.log_key, parent=self)

    def _instance(self, monitor: Role, logs: list[aws.cloudwatch.LogGroup]) -> aws.rds.Instance:
        args, context, name = self._args, self._context, f"{self._name}-instance"
        return aws.rds.Instance(
            name,
            identifier=self._identifier,
            engine="postgres",
            engine_version=args.version,
            engine_lifecycle_support="open-source-rds-extended-support-disabled",
            instance_class=args.instance_class,
            db_name=args.name,
            username="falaj",
            manage_master_user_password=True,
            master_user_secret_kms_key_id=args.secret_key.arn,
            iam_database_authentication_enabled=True,
            parameter_group_name=self._parameters().name,
            ca_cert_identifier=_AUTHORITY,
            port=PORT,
            db_subnet_group_name=self._subnets().name,
            vpc_security_group_ids=[self._firewall().id],
            publicly_accessible=False,
            network_type="IPV4",
            multi_az=args.multi_zone,
            storage_type="gp3",
            allocated_storage=args.storage_gib,
            max_allocated_storage=args.max_storage_gib if args.max_storage_gib > args.storage_gib else None,
            storage_encrypted=True,
            kms_key_id=args.key.arn,
            backup_retention_period=args.backup_days,
            backup_window="22:00-22:30",
            backup_target="region",
            delete_automated_backups=not context.prod,
            copy_tags_to_snapshot=True,
            deletion_protection=context.prod,
            skip_final_snapshot=not context.prod,
            final_snapshot_identifier=f"{self._identifier}-final",
            maintenance_window="fri:23:00-sat:00:00",
            auto_minor_version_upgrade=True,
            allow_major_version_upgrade=False,
            apply_immediately=False,
            database_insights_mode="standard",
            performance_insights_enabled=True,
            performance_insights_kms_key_id=args.key.arn,
            performance_insights_retention_period=7,
            monitoring_interval=60,
            monitoring_role_arn=monitor.arn,
            enabled_cloudwatch_logs_exports=list(_LOGS),
            tags=context.tagged(name, **backup.tags(context, args.restore_tested)),
            opts=pulumi.ResourceOptions.merge(context.stateful(self), pulumi.ResourceOptions(depends_on=logs)),
        )

    def _subnets(self) -> aws.rds.SubnetGroup:
        name, subnets = f"{self._name}-subnets", self._args.network.intra
        return aws.rds.SubnetGroup(
            name,
            name=self._identifier,
            description=f"{self._identifier}: subnets with no way out",
            subnet_ids=[subnets[zone] for zone in sorted(subnets)],
            tags=self._context.tagged(name),
            opts=self._child,
        )

    def _firewall(self) -> aws.ec2.SecurityGroup:
        name, args = f"{self._name}-firewall", self._args
        who, what = args.clients, "PostgreSQL"
        return firewall(name, self._context, args.network, what=what, port=PORT, clients=who, opts=self._child)

    def _parameters(self) -> aws.rds.ParameterGroup:
        name, family = f"{self._name}-parameters", f"postgres{major(self._args.version)}"
        return aws.rds.ParameterGroup(
            name,
            name=f"{self._identifier}-{family}",
            family=family,
            description=f"{self._identifier}: TLS, SCRAM and a log of who did what",
            parameters=[
                aws.rds.ParameterGroupParameterArgs(
                    name=setting,
                    value=value,
                    apply_method="pending-reboot" if setting in _AT_START else "immediate",
                )
                for setting, value in _SETTINGS.items()
            ],
            tags=self._context.tagged(name),
            opts=self._child,
        )

    def _role(self) -> Role:
        """By it RDS writes the machine's figures (memory, processes) every minute."""
        context = self._context
        ours = {
            "StringEquals": {"aws:SourceAccount": context.account},
            "ArnLike": {"aws:SourceArn": context.arn("rds", f"db:{self._identifier}")},
        }
        role = RoleArgs(
            context=context,
            purpose=f"{self._name}-monitor",
            trust=by_service("monitoring.rds", ours),
            managed=["service-role/AmazonRDSEnhancedMonitoringRole"],
            boundary=self._args.boundary,
        )
        return Role(f"{self._name}-monitor", role, self._child)


def major(version: str) -> str:
    """PostgreSQL's major version. Raises ValueError for what is no version."""
    if not (found := re.fullmatch(r"(\d{2})(\.\d+)?", version)):
        raise ValueError(f"{version!r} is no version of PostgreSQL: write 17 or 17.6")
    return found[1]
