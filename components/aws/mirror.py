"""Where the platform's own images are mirrored to: a repository of ours comes to be with the first push to it."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws.context import Context
from components.aws.registry import policy
from components.aws.role import Role, RoleArgs, allow, by_service
from components.contracts import Text


@dataclass(frozen=True, kw_only=True)
class MirrorArgs:
    context: Context
    key: contracts.Key
    boundary: Text | None = None


class Mirror(pulumi.ComponentResource):
    """Their addresses begin with `address`. Of what is pushed nothing goes of itself."""

    def __init__(self, name: str, args: MirrorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Mirror", name, {}, opts)
        context = args.context
        role = Role(f"{name}-maker", _maker(args), pulumi.ResourceOptions(parent=self))
        seal = aws.ecr.RepositoryCreationTemplateEncryptionConfigurationArgs(
            encryption_type="KMS", kms_key=args.key.arn
        )
        aws.ecr.RepositoryCreationTemplate(
            f"{name}-template",
            prefix=_prefix(context),
            description=f"Images that the platform of {context.stack} runs",
            applied_fors=["CREATE_ON_PUSH"],
            image_tag_mutability="IMMUTABLE",
            encryption_configurations=[seal],
            repository_policy=json.dumps(policy(context)),
            resource_tags=context.tagged(_prefix(context)),
            custom_role_arn=role.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role]),
        )
        self.register_outputs({})


def address(context: Context) -> str:
    """What the addresses of mirrored images begin with, known beforehand."""
    return f"{context.account}.dkr.ecr.{context.region}.amazonaws.com/{_prefix(context)}"


def _prefix(context: Context) -> str:
    return f"{context.stack}/mirror"


def _maker(args: MirrorArgs) -> RoleArgs:
    """ECR makes a sealed and tagged repository by a role of the account ("IAM permissions for creation templates")."""
    context = args.context
    repositories = context.arn("ecr", f"repository/{_prefix(context)}/*")
    return RoleArgs(
        context=context,
        purpose="mirror",
        trust=by_service("ecr"),
        statements=[allow(["ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource"], repositories)],
        late=[allow(["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"], args.key.arn)],
        boundary=args.boundary,
    )
