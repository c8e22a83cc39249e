"""What Karpenter needs of AWS: a role to start machines, a role for these, and word of machines that are taken away."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws.context import Context
from components.aws.karpenter_rights import rights
from components.aws.pod_identity import associate
from components.aws.role import Role, RoleArgs, by_pods, document, machine_role, role_arn, role_name
from components.contracts import Key, Text

# Events by the name of the rule; source and detail-type as Karpenter 1.14's getting-started template has them.
_EVENTS = {
    "health": ("aws.health", "AWS Health Event"),
    "spot-interruption": ("aws.ec2", "EC2 Spot Instance Interruption Warning"),
    "rebalance": ("aws.ec2", "EC2 Instance Rebalance Recommendation"),
    "state-change": ("aws.ec2", "EC2 Instance State-change Notification"),
    "reservation-interruption": ("aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"),
}
_KEPT_SECONDS = 300  # what happened to a machine is of no use later


@dataclass(frozen=True, kw_only=True)
class KarpenterArgs:
    context: Context
    cluster: contracts.Cluster
    key: Key
    """Seals the queue; its policy lets EventBridge use it."""
    namespace: str = "karpenter"
    service_account: str = "karpenter"
    boundary: Text | None = None


class Karpenter(pulumi.ComponentResource):
    """Names: of the `queue` for the controller's settings (with `isolatedVPC`), of the `profile` for node classes."""

    queue: str
    profile: pulumi.Output[str]

    def __init__(self, name: str, args: KarpenterArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Karpenter", name, {}, opts)
        self._name, self._args = name, args
        self.queue = f"{args.context.stack}-karpenter"
        self.profile = self._machines()
        self._controller()
        self._tell(self._queue())
        self.register_outputs({})

    def _machines(self) -> pulumi.Output[str]:
        args, child = self._args, pulumi.ResourceOptions(parent=self)
        role = machine_role(f"{self._name}-machine", args.context, "karpenter-machine", self, args.boundary)
        aws.eks.AccessEntry(
            f"{self._name}-machine-access",
            cluster_name=args.cluster.name,
            principal_arn=role.arn,
            type="EC2_LINUX",
            tags=args.context.tagged(f"{self._name}-machine-access"),
            opts=child,
        )
        return aws.iam.InstanceProfile(
            f"{self._name}-machine-profile",
            name=role_name(args.context, "karpenter-machine"),
            role=role.name,
            tags=args.context.tagged(f"{self._name}-machine-profile"),
            opts=child,
        ).name

    def _controller(self) -> None:
        args, context = self._args, self._args.context
        machine, queue = role_arn(context, "karpenter-machine"), context.arn("sqs", self.queue)
        cluster = context.arn("eks", f"cluster/{context.stack}")
        made = RoleArgs(
            context=context,
            purpose="karpenter",
            trust=by_pods(context, cluster, args.namespace, args.service_account),
            statements=rights(context, machine, queue),
            boundary=args.boundary,
        )
        role = Role(f"{self._name}-controller", made, pulumi.ResourceOptions(parent=self))
        name = f"{self._name}-controller"
        associate(name, context, args.cluster, args.namespace, args.service_account, role, self)

    def _queue(self) -> aws.sqs.Queue:
        args, child = self._args, pulumi.ResourceOptions(parent=self)
        queue = aws.sqs.Queue(
            f"{self._name}-queue",
            name=self.queue,
            kms_master_key_id=args.key.arn,
            message_retention_seconds=_KEPT_SECONDS,
            tags=args.context.tagged(f"{self._name}-queue"),
            opts=child,
        )
        policy = json.dumps(document(*_policy(args.context, self.queue)))
        aws.sqs.QueuePolicy(f"{self._name}-queue-policy", queue_url=queue.url, policy=policy, opts=child)
        return queue

    def _tell(self, queue: aws.sqs.Queue) -> None:
        child = pulumi.ResourceOptions(parent=self)
        for event, (source, detail) in _EVENTS.items():
            rule = aws.cloudwatch.EventRule(
                f"{self._name}-{event}",
                name=f"{self._args.context.stack}-karpenter-{event}",
                event_pattern=json.dumps({"source": [source], "detail-type": [detail]}),
                tags=self._args.context.tagged(f"{self._name}-{event}"),
                opts=child,
            )
            aws.cloudwatch.EventTarget(
                f"{self._name}-{event}-target", rule=rule.name, target_id="queue", arn=queue.arn, opts=child
            )


def _policy(context: Context, queue: str) -> list[dict[str, Any]]:
    """EventBridge sends from the rules of this stack only; nobody speaks to the queue in the clear."""
    resource = context.arn("sqs", queue)
    rules = context.arn("events", f"rule/{context.stack}-karpenter-*")
    return [
        {
            "Sid": "Events",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": resource,
            "Condition": {"ArnLike": {"aws:SourceArn": rules}, "StringEquals": {"aws:SourceAccount": context.account}},
        },
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": resource,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
