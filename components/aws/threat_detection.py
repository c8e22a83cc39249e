"""GuardDuty: watches the account's calls, names, clusters and machines, and says what looks like an attack.

There is one detector in an account and region: of two stacks there, one only may have it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws.context import Context

_MEDIUM = 4
"""The lowest severity that is told of: GuardDuty's medium is 4 to 6.9."""
FEATURES: Mapping[str, bool] = MappingProxyType(
    {
        "S3_DATA_EVENTS": True,
        "EKS_AUDIT_LOGS": True,
        "RDS_LOGIN_EVENTS": True,
        "RUNTIME_MONITORING": True,
        "LAMBDA_NETWORK_LOGS": False,  # there are no functions here
        # These read content, and AWS may keep what they find for improving its services, unless the organisation has
        # an AI services opt-out policy; a stack cannot see whether it has.
        "EBS_MALWARE_PROTECTION": False,
    }
)
# GuardDuty's own way of installing agents makes endpoints and security groups in the network that no stack knows of and
# that hold up its destruction (hashicorp/terraform-provider-aws#46747): the add-on `aws-guardduty-agent` of the cluster
# and an endpoint for `guardduty-data` are the stack's to make.
_AGENTS = ("EKS_ADDON_MANAGEMENT", "EC2_AGENT_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT")


@dataclass(frozen=True, kw_only=True)
class ThreatDetectionArgs:
    context: Context
    topic: contracts.Text
    """Who is told of what is found."""


class ThreatDetection(pulumi.ComponentResource):
    """`detector` is the detector's id."""

    detector: contracts.Text

    def __init__(self, name: str, args: ThreatDetectionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:ThreatDetection", name, {}, opts)
        self._name, self._context = name, args.context
        self._child = pulumi.ResourceOptions(parent=self)
        detector = aws.guardduty.Detector(
            f"{name}-detector",
            enable=True,
            finding_publishing_frequency="FIFTEEN_MINUTES",
            tags=args.context.tagged(f"{name}-detector"),
            opts=self._child,
        )
        for feature, on in FEATURES.items():
            agents = _AGENTS if feature == "RUNTIME_MONITORING" else ()
            aws.guardduty.DetectorFeature(
                f"{name}-{feature.lower().replace('_', '-')}",
                detector_id=detector.id,
                name=feature,
                status=_status(on=on),
                additional_configurations=[
                    aws.guardduty.DetectorFeatureAdditionalConfigurationArgs(name=agent, status=_status(on=False))
                    for agent in agents
                ],
                opts=self._child,
            )
        self._tell(args.topic)
        self.detector = detector.id
        self.register_outputs({})

    def _tell(self, topic: contracts.Text) -> None:
        name, context = f"{self._name}-findings", self._context
        pattern = {
            "source": ["aws.guardduty"],
            "detail-type": ["GuardDuty Finding"],
            "detail": {"severity": [{"numeric": [">=", _MEDIUM]}]},
        }
        rule = aws.cloudwatch.EventRule(
            name,
            name=f"{context.stack}-findings",
            description="What GuardDuty finds, from medium severity on",
            event_bus_name="default",
            event_pattern=json.dumps(pattern),
            state="ENABLED",
            tags=context.tagged(name),
            opts=self._child,
        )
        aws.cloudwatch.EventTarget(f"{name}-target", rule=rule.name, arn=topic, opts=self._child)


def _status(*, on: bool) -> str:
    return "ENABLED" if on else "DISABLED"
