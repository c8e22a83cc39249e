"""What somebody should hear of at once, out of the account's trail: the events that CIS's AWS benchmark names."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws.context import Context

_MINUTES = 5


@dataclass(frozen=True)
class _Event:
    """An alarm: what it is about, the filter of the trail's records, how many within five minutes."""

    about: str
    pattern: str
    times: int = 1


def _named(*events: str, source: str = "") -> str:
    """Records of calls by their names, of one service where it is given."""
    any_of = " || ".join(f"($.eventName = {event})" for event in events)
    return f"{{ ($.eventSource = {source}.amazonaws.com) && ({any_of}) }}" if source else f"{{ {any_of} }}"


_POLICIES = [
    f"{verb}{whose}Policy" for verb in ("Put", "Delete", "Attach", "Detach") for whose in ("Role", "User", "Group")
]
EVENTS: Mapping[str, _Event] = MappingProxyType(
    {
        "root-use": _Event(
            "The root user did something",
            '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && '
            '$.eventType != "AwsServiceEvent" }',
        ),
        "console-without-mfa": _Event(
            "Somebody signed in without a second factor",
            '{ $.eventName = "ConsoleLogin" && $.additionalEventData.MFAUsed != "Yes" && '
            '$.userIdentity.type = "IAMUser" && $.responseElements.ConsoleLogin = "Success" }',
        ),
        "console-failures": _Event(
            "Somebody tries to sign in",
            '{ $.eventName = "ConsoleLogin" && $.errorMessage = "Failed authentication" }',
            3,
        ),
        "unauthorized-calls": _Event(
            "Calls are refused",
            '{ $.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*" }',
            10,
        ),
        "trail-changes": _Event(
            "The trail or its watch is changed",
            _named(
                *("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging", "PutEventSelectors"),
                *("DeleteDetector", "UpdateDetector", "DeleteLogGroup", "DeleteAlarms", "DisableAlarmActions"),
            ),
        ),
        "key-deletion": _Event(
            "A key is disabled, deleted or opened to others",
            _named("DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy", "DisableKeyRotation", source="kms"),
        ),
        "policy-changes": _Event(
            "Rights are changed",
            _named(
                *_POLICIES,
                *("CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion"),
                *("UpdateAssumeRolePolicy", "DeleteRolePermissionsBoundary"),
            ),
        ),
        "bucket-policy-changes": _Event(
            "Who reaches a bucket is changed",
            _named(
                *("PutBucketAcl", "PutBucketPolicy", "DeleteBucketPolicy", "PutBucketReplication"),
                *("PutBucketPublicAccessBlock", "DeleteBucketPublicAccessBlock", "DeleteBucketEncryption"),
                source="s3",
            ),
        ),
        "security-group-changes": _Event(
            "Who reaches a machine is changed",
            _named(
                *("AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "ModifySecurityGroupRules"),
                *("RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress"),
                *("CreateSecurityGroup", "DeleteSecurityGroup"),
            ),
        ),
        "network-changes": _Event(
            "Ways in and out of the network are changed",
            _named(
                *("CreateInternetGateway", "AttachInternetGateway", "CreateVpcPeeringConnection"),
                *("AcceptVpcPeeringConnection", "CreateRoute", "ReplaceRoute", "CreateNetworkAclEntry"),
                *("ReplaceNetworkAclEntry", "DeleteFlowLogs", "DeleteVpcEndpoints"),
            ),
        ),
    }
)


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs:
    context: Context
    log: contracts.Text
    """Name of the trail's log group."""
    key: contracts.Key
    """Seals the topic; CloudWatch, EventBridge and Budgets may use it."""
    emails: Sequence[str]
    """Who is told; each confirms once. Best the addresses of a team, for AWS keeps them."""


class Alarms(pulumi.ComponentResource):
    """`topic` is the ARN that those who are told listen to."""

    topic: contracts.Text

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Alarms", name, {}, opts)
        self._name, self._context = name, args.context
        self._child = pulumi.ResourceOptions(parent=self)
        topic = self._topic(args)
        for what, event in EVENTS.items():
            self._alarm(what, event, args.log, topic)
        self.topic = topic.arn
        self.register_outputs({})

    def _topic(self, args: AlarmsArgs) -> aws.sns.Topic:
        topic = aws.sns.Topic(
            f"{self._name}-topic",
            name=topic_name(self._context),
            kms_master_key_id=args.key.id,
            policy=json.dumps(_policy(self._context)),
            signature_version=2,
            tags=self._context.tagged(f"{self._name}-topic", purpose="audit"),
            opts=self._child,
        )
        for email in args.emails:
            aws.sns.TopicSubscription(
                f"{self._name}-to-{email}", topic=topic.arn, protocol="email", endpoint=email, opts=self._child
            )
        return topic

    def _alarm(self, what: str, event: _Event, log: contracts.Text, topic: aws.sns.Topic) -> None:
        namespace, name = f"Falaj/{self._context.stack}", f"{self._context.stack}-{what}"
        counted = aws.cloudwatch.LogMetricFilter(
            f"{self._name}-{what}-filter",
            name=what,
            log_group_name=log,
            pattern=event.pattern,
            metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                name=what, namespace=namespace, value="1", default_value="0"
            ),
            opts=self._child,
        )
        aws.cloudwatch.MetricAlarm(
            f"{self._name}-{what}",
            name=name,
            alarm_description=event.about,
            namespace=namespace,
            metric_name=what,
            statistic="Sum",
            period=_MINUTES * 60,
            evaluation_periods=1,
            threshold=event.times,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="notBreaching",
            actions_enabled=True,
            alarm_actions=[topic.arn],
            tags=self._context.tagged(f"{self._name}-{what}"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[counted]),
        )


def topic_name(context: Context) -> str:
    return f"{context.stack}-alarms"


def _policy(context: Context) -> dict[str, Any]:
    """Services of this account speak, over TLS; who listens is subscribed by this stack."""
    topic = context.arn("sns", topic_name(context))
    plain = {"Bool": {"aws:SecureTransport": "false"}}
    speakers = {
        "cloudwatch": context.arn("cloudwatch", f"alarm:{context.stack}-*"),
        "events": context.arn("events", f"rule/{context.stack}-*"),
        "budgets": f"arn:aws:budgets::{context.account}:*",
    }
    statements: list[dict[str, Any]] = [
        {
            "Sid": "NoPlainText",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": plain,
        }
    ]
    for service, source in speakers.items():
        ours = {"StringEquals": {"aws:SourceAccount": context.account}, "ArnLike": {"aws:SourceArn": source}}
        statements.append(
            {
                "Sid": service.capitalize(),
                "Effect": "Allow",
                "Principal": {"Service": f"{service}.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": ours,
            }
        )
    return {"Version": "2012-10-17", "Statement": statements}
