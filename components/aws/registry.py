"""Image repositories: what was pushed under a tag stays that, is scanned, sealed, and read by this account only."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws.context import Context

_UNTAGGED_DAYS = 7
PULL = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
"""What reads an image of a repository."""


@dataclass(frozen=True, kw_only=True)
class RegistryArgs:
    context: Context
    key: contracts.Key
    repositories: Sequence[str]
    """Names, below the stack's own."""
    keep_images: int
    """How many tagged images each keeps; older ones go."""
    continuous_scan: bool = False
    """Whether images are scanned again as vulnerabilities become known, and not only when pushed (Amazon Inspector).
    A setting of the whole account and region: one stack of them may hold it."""


class Registry(pulumi.ComponentResource):
    """`registry` is what others need of it."""

    registry: contracts.Registry

    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Registry", name, {}, opts)
        self._name, self._args = name, args
        # A repository that outlives its stack keeps its policies.
        self._kept = args.context.stateful(self)
        made = {repository: self._repository(repository) for repository in args.repositories}
        if args.continuous_scan:
            self._scan()
        self.registry = contracts.Registry(
            urls={repository: one.repository_url for repository, one in made.items()},
            arns={repository: one.arn for repository, one in made.items()},
        )
        self.register_outputs({})

    def _repository(self, repository: str) -> aws.ecr.Repository:
        context, name = self._args.context, f"{self._name}-{repository}"
        seal = aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=self._args.key.arn)
        made = aws.ecr.Repository(
            name,
            name=f"{context.stack}/{repository}",
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[seal],
            force_delete=False,
            tags=context.tagged(name),
            opts=self._kept,
        )
        aws.ecr.LifecyclePolicy(
            f"{name}-life",
            repository=made.name,
            policy=json.dumps({"rules": _expiry(self._args.keep_images)}),
            opts=self._kept,
        )
        aws.ecr.RepositoryPolicy(
            f"{name}-policy", repository=made.name, policy=json.dumps(policy(context)), opts=self._kept
        )
        return made

    def _scan(self) -> None:
        ours = aws.ecr.RegistryScanningConfigurationRuleRepositoryFilterArgs(
            filter=f"{self._args.context.stack}/*", filter_type="WILDCARD"
        )
        rule = aws.ecr.RegistryScanningConfigurationRuleArgs(
            scan_frequency="CONTINUOUS_SCAN", repository_filters=[ours]
        )
        aws.ecr.RegistryScanningConfiguration(
            f"{self._name}-scan", scan_type="ENHANCED", rules=[rule], opts=pulumi.ResourceOptions(parent=self)
        )


def repository_arn(context: Context, repository: str) -> str:
    """A repository's ARN, known beforehand."""
    return context.arn("ecr", f"repository/{context.stack}/{repository}")


def _expiry(keep: int) -> list[dict[str, Any]]:
    untagged = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days"}
    tagged = {"tagStatus": "tagged", "tagPatternList": ["*"], "countType": "imageCountMoreThan"}
    rules = [
        ("images that no tag names", {**untagged, "countNumber": _UNTAGGED_DAYS}),
        ("the oldest beyond those that are kept", {**tagged, "countNumber": keep}),
    ]
    return [
        {"rulePriority": place, "description": text, "selection": selection, "action": {"type": "expire"}}
        for place, (text, selection) in enumerate(rules, 1)
    ]


def policy(context: Context) -> dict[str, Any]:
    """Whom the account's roles let pull may; nobody else does anything, whatever else is said later."""
    own = {"AWS": f"arn:aws:iam::{context.account}:root"}
    others = {
        "StringNotEquals": {"aws:PrincipalAccount": context.account},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Pull", "Effect": "Allow", "Principal": own, "Action": PULL},
            {"Sid": "NobodyElse", "Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Condition": others},
        ],
    }
