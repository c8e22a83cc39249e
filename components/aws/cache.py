"""Valkey for Ray's control store and the online features: sealed, TLS only, and every user with rights of their own.

Ray connects with a name and a password that do not change while it runs, so its user has a password: one that Secrets
Manager makes and CloudFormation hands to ElastiCache inside of AWS (`components.aws.secret`). Readers and writers of
features are named by IAM and have none. There is no default user: who is nobody may do nothing.

To change Ray's password, change it in Secrets Manager, update the stack of the user and restart Ray's heads.
"""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws.context import Context
from components.aws.firewall import firewall
from components.aws.log_group import log_group
from components.aws.role import Role, RoleArgs, allow, by_service
from components.aws.secret import Secret, SecretArgs, maker_rights, reference, secret_arn

PORT = 6379
_LOGS = ("slow-log", "engine-log")
# Ray's keys begin with RAY and its namespace. It tells a Sentinel and a cluster by INFO, finds the primary by deleting
# DUMMY, and its clean-up lists its keys (src/ray/gcs/store_client/redis_context.cc and redis_store_client.cc).
_RAY = "on ~RAY* ~DUMMY -@all +@read +@write +@connection -@dangerous +info +keys"
_FEATURES = "on ~features:* -@all +@read +@write +@connection +@transaction -@dangerous"


@dataclass(frozen=True, kw_only=True)
class CacheArgs:
    context: Context
    network: contracts.Network
    clients: contracts.Text
    """Security group of those who connect."""
    key: contracts.Key
    log_key: contracts.Key
    secret_key: contracts.Key
    """Of the password of Ray's user."""
    node_type: str
    version: str
    """Of Valkey: `8.0`."""
    replicas: int
    """Copies in other zones, one of which takes over; 0 for none, and then nothing does."""
    snapshot_days: int = 7
    """How long daily snapshots are kept."""
    log_days: int = 365
    boundary: contracts.Text | None = None
    """ARN of the policy that no right of a role goes beyond."""


class Cache(pulumi.ComponentResource):
    """`endpoint` is what Ray needs of it; its secret is the name of the one with `username` and `password`.

    `secret` is what a policy names that one by.
    """

    endpoint: contracts.Endpoint
    secret: str
    users: tuple[str, str]
    """Ray's user and the features' (an IAM user: `elasticache:Connect` on it and on `arn`)."""
    arn: contracts.Text

    def __init__(self, name: str, args: CacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Cache", name, {}, opts)
        self._name, self._args, self._context = name, args, args.context
        # A cache that outlives its stack keeps its users, subnets, settings and firewall.
        self._child = pulumi.ResourceOptions(parent=self, retain_on_delete=args.context.prod)
        self._id = f"{args.context.stack}-{name}"
        self.users = f"{self._id}-ray", f"{self._id}-features"
        group = self._group(self._users())
        self.arn = group.arn
        self.endpoint = contracts.Endpoint(host=group.primary_endpoint_address, port=PORT, secret=self._secret)
        self.register_outputs({})

    def _users(self) -> aws.elasticache.UserGroup:
        ray, features = self.users
        by_iam = aws.elasticache.User(
            f"{self._name}-features",
            user_id=features,
            user_name=features,
            engine="valkey",
            access_string=_FEATURES,
            authentication_mode=aws.elasticache.UserAuthenticationModeArgs(type="iam"),
            tags=self._context.tagged(f"{self._name}-features"),
            opts=self._child,
        )
        by_password = self._user_of_ray(ray)
        return aws.elasticache.UserGroup(
            f"{self._name}-users",
            user_group_id=self._id,
            engine="valkey",
            user_ids=[ray, by_iam.user_id],
            tags=self._context.tagged(f"{self._name}-users"),
            opts=self._after(by_password),
        )

    def _user_of_ray(self, user: str) -> aws.cloudformation.Stack:
        maker = self._maker(user)
        secret = SecretArgs(
            context=self._context,
            purpose=f"{self._name}-ray",
            description=f"{self._id}: the password of Ray's user",
            key=self._args.secret_key,
            user=user,
            maker=maker.arn,
        )
        made = Secret(f"{self._name}-secret", secret, self._after(maker))
        self._secret, self.secret = made.name, secret_arn(self._context, f"{self._name}-ray")
        properties = {
            "UserId": user,
            "UserName": user,
            "Engine": "valkey",
            "AccessString": _RAY,
            "NoPasswordRequired": False,
            "Passwords": [reference(made.name)],
        }
        resources = {"User": {"Type": "AWS::ElastiCache::User", "Properties": properties}}
        return aws.cloudformation.Stack(
            f"{self._name}-ray",
            name=user,
            template_body=json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}),
            iam_role_arn=maker.arn,
            disable_rollback=False,
            tags=self._context.tagged(f"{self._name}-ray"),
            opts=self._after(made),
        )

    def _after(self, what: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(depends_on=[what]))

    def _maker(self, user: str) -> Role:
        """By it CloudFormation makes the secret and the user, so that who deploys need not read the secret."""
        verbs = [f"elasticache:{verb}User" for verb in ("Create", "Delete", "Modify")]
        tags = [f"elasticache:{verb}" for verb in ("AddTagsToResource", "ListTagsForResource", "DescribeUsers")]
        named = self._context.arn("elasticache", f"user:{user}")
        role = RoleArgs(
            context=self._context,
            purpose=f"{self._name}-maker",
            trust=by_service("cloudformation"),
            statements=[*maker_rights(self._context, f"{self._name}-ray"), allow([*verbs, *tags], named)],
            boundary=self._args.boundary,
        )
        return Role(f"{self._name}-maker", role, self._child)

    def _group(self, users: aws.elasticache.UserGroup) -> aws.elasticache.ReplicationGroup:
        args, context, name = self._args, self._context, f"{self._name}-group"
        logs = {kind: self._log(kind) for kind in _LOGS}
        several = args.replicas > 0
        if several and len(args.network.intra) < 2:
            raise ValueError(f"{args.replicas} copies want a second zone, the network has one: add one or keep no copy")
        return aws.elasticache.ReplicationGroup(
            name,
            replication_group_id=self._id,
            description=f"{context.stack}: Ray's control store and online features",
            engine="valkey",
            engine_version=args.version,
            node_type=args.node_type,
            # Ray's client knows no cluster mode with several shards.
            cluster_mode="disabled",
            num_cache_clusters=1 + args.replicas,
            multi_az_enabled=several,
            automatic_failover_enabled=several,
            port=PORT,
            network_type="ipv4",
            ip_discovery="ipv4",
            parameter_group_name=self._parameters().name,
            subnet_group_name=self._subnets().name,
            security_group_ids=[self._firewall().id],
            user_group_ids=[users.user_group_id],
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            at_rest_encryption_enabled=True,
            kms_key_id=args.key.arn,
            data_tiering_enabled=False,
            snapshot_retention_limit=args.snapshot_days,
            snapshot_window="22:00-23:00",
            final_snapshot_identifier=f"{self._id}-final" if context.prod else None,
            maintenance_window="fri:23:00-sat:00:00",
            auto_minor_version_upgrade=True,
            apply_immediately=False,
            log_delivery_configurations=[
                aws.elasticache.ReplicationGroupLogDeliveryConfigurationArgs(
                    destination=log.name, destination_type="cloudwatch-logs", log_format="json", log_type=kind
                )
                for kind, log in logs.items()
            ],
            tags=context.tagged(name),
            opts=context.stateful(self),
        )

    def _log(self, kind: str) -> aws.cloudwatch.LogGroup:
        made, args = f"{self._name}-{kind}", self._args
        group = f"/aws/elasticache/{self._id}/{kind}"
        return log_group(made, self._context, group, days=args.log_days, key=args.log_key, parent=self)

    def _parameters(self) -> aws.elasticache.ParameterGroup:
        name, family = f"{self._name}-parameters", f"valkey{self._args.version.split('.')[0]}"
        # What Ray wrote is never thrown away to make room: writes fail instead, and are seen.
        keep = aws.elasticache.ParameterGroupParameterArgs(name="maxmemory-policy", value="noeviction")
        return aws.elasticache.ParameterGroup(
            name,
            name=f"{self._id}-{family}",
            family=family,
            description=f"{self._id}: nothing is evicted",
            parameters=[keep],
            tags=self._context.tagged(name),
            opts=self._child,
        )

    def _subnets(self) -> aws.elasticache.SubnetGroup:
        name, subnets = f"{self._name}-subnets", self._args.network.intra
        return aws.elasticache.SubnetGroup(
            name,
            name=self._id,
            description=f"{self._id}: subnets with no way out",
            subnet_ids=[subnets[zone] for zone in sorted(subnets)],
            tags=self._context.tagged(name),
            opts=self._child,
        )

    def _firewall(self) -> aws.ec2.SecurityGroup:
        name, args = f"{self._name}-firewall", self._args
        return firewall(
            name, self._context, args.network, what="Valkey", port=PORT, clients=args.clients, opts=self._child
        )
