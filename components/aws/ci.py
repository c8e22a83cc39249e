"""Who plans and who deploys: two roles for one pipeline, which proves by its OIDC token that it is that one."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components.aws.boundary import SERVICES, UNSCOPED, policy_arn
from components.aws.context import Context
from components.aws.role import Role, RoleArgs, Statement, allow, by_web
from components.contracts import Text

PLAN, DEPLOY = "ci-plan", "ci-deploy"
READ_ONLY = ("job-function/ViewOnlyAccess", "SecurityAudit")
"""AWS's own policies that show how things are set and none of the data in them."""
_RIGHTS = [
    "iam:AttachRolePolicy",
    "iam:CreateRole",
    "iam:DetachRolePolicy",
    "iam:DeleteRolePolicy",
    "iam:PutRolePolicy",
]
_ROLES = ["iam:DeleteRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole"]
_PROFILES = ["AddRoleTo", "Create", "Delete", "RemoveRoleFrom", "Tag", "Untag"]
_TAKERS = ["backup", "cloudformation", "cloudtrail", "ec2", "eks", "monitoring.rds", "pods.eks", "vpc-flow-logs"]
_DATA = ["s3:DeleteObject*", "s3:GetObject*", "s3:PutObject", "secretsmanager:GetSecretValue", "ssm:GetParameter*"]


@dataclass(frozen=True, kw_only=True)
class CiArgs:
    context: Context
    issuer: str
    """URL of the pipeline's OIDC issuer."""
    subject: str
    """Whose tokens deploy: exactly this `sub`, such as `repo:org/falaj:environment:prod`."""
    plan_subject: str | None = None
    """Whose tokens read, if others do."""
    audience: str = "sts.amazonaws.com"
    provider: bool = True
    """Whether to make the account's provider for the issuer; an account has one only, whatever its stacks."""
    boundary: Text

    def __post_init__(self) -> None:
        if not self.issuer.startswith("https://"):
            raise ValueError(f"the issuer {self.issuer!r} is no https URL")
        for subject in filter(None, (self.subject, self.plan_subject)):
            if any(mark in subject for mark in "*?"):
                raise ValueError(f"the subject {subject!r} stands for many: name one pipeline")


class Ci(pulumi.ComponentResource):
    """ARNs of the roles."""

    plan: pulumi.Output[str]
    deploy: pulumi.Output[str]

    def __init__(self, name: str, args: CiArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Ci", name, {}, opts)
        context = args.context
        issuers = [self._issuer(name, args)] if args.provider else []
        host = args.issuer.removeprefix("https://").rstrip("/")
        plan, deploy = (
            RoleArgs(
                context=context,
                purpose=purpose,
                trust=by_web(context, host, subject, args.audience),
                managed=managed,
                statements=statements,
                boundary=args.boundary,
            )
            for purpose, subject, managed, statements in (
                (PLAN, args.plan_subject or args.subject, READ_ONLY, ()),
                (DEPLOY, args.subject, (), rights(context)),
            )
        )
        child = pulumi.ResourceOptions(parent=self, depends_on=issuers)
        self.plan = Role(f"{name}-plan", plan, child).arn
        self.deploy = Role(f"{name}-deploy", deploy, child).arn
        self.register_outputs({})

    def _issuer(self, name: str, args: CiArgs) -> pulumi.Resource:
        return aws.iam.OpenIdConnectProvider(
            f"{name}-issuer",
            url=args.issuer,
            client_id_lists=[args.audience],
            tags=args.context.tagged(f"{name}-issuer"),
            opts=pulumi.ResourceOptions(parent=self),
        )


def rights(context: Context) -> list[Statement]:
    """All of a region's services in the region, and none of the data in them.

    Roles get rights from it only within the boundary, and its own roles are not its to change.
    """
    account = f"arn:aws:iam::{context.account}"
    roles, here = f"{account}:role/{context.stack}-*", {"StringEquals": {"aws:RequestedRegion": context.region}}
    bounded = {"StringEquals": {"iam:PermissionsBoundary": policy_arn(context)}}
    takers = {"StringEquals": {"iam:PassedToService": [f"{service}.amazonaws.com" for service in _TAKERS]}}
    return [
        allow([f"{service}:*" for service in SERVICES], [context.arn("*", "*"), f"arn:aws:s3:::{context.stack}-*"]),
        allow(["budgets:*"], f"arn:aws:budgets::{context.account}:*"),
        allow(UNSCOPED, "*", here),
        allow(["iam:Get*", "iam:List*"], "*"),
        allow(_RIGHTS, roles, bounded),
        allow(_ROLES, roles),
        allow(["iam:PassRole"], roles, takers),
        allow([f"iam:{verb}InstanceProfile" for verb in _PROFILES], f"{account}:instance-profile/{context.stack}-*"),
        allow(["iam:CreateServiceLinkedRole"], f"{account}:role/aws-service-role/*"),
        _deny("Data", _DATA, "*"),
        _deny("Itself", [*_RIGHTS, *_ROLES, "iam:PutRolePermissionsBoundary"], f"{account}:role/{context.stack}-ci-*"),
    ]


def _deny(sid: str, actions: list[str], resource: str) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Deny", "Action": actions, "Resource": resource}
