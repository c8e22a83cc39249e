"""A secret that Secrets Manager makes: neither the program nor its state nor a person ever has its text.

The provider's own `Secret` takes the text from the program, so CloudFormation makes this one: `GenerateSecretString`
has no equal in the provider. Nothing rotates it by itself; those who use it say how it is changed.
"""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from components import contracts
from components.aws.context import Context
from components.aws.role import Statement, allow

_LENGTH = 64


@dataclass(frozen=True, kw_only=True)
class SecretArgs:
    context: Context
    purpose: str
    """The last part of its name."""
    description: str
    key: contracts.Key
    user: str
    """Whose password it is."""
    maker: contracts.Text
    """ARN of the role by which CloudFormation makes it."""


class Secret(pulumi.ComponentResource):
    """`name` is what readers ask Secrets Manager for: JSON with `username` and `password`."""

    name: str

    def __init__(self, name: str, args: SecretArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Secret", name, {}, opts)
        context = args.context
        self.name = secret_name(context, args.purpose)
        aws.cloudformation.Stack(
            f"{name}-stack",
            name=f"{context.stack}-{args.purpose}-secret",
            template_body=pulumi.Output.json_dumps(_template(args, self.name)),
            iam_role_arn=args.maker,
            disable_rollback=False,
            tags=context.tagged(f"{name}-stack", purpose=args.purpose),
            opts=context.stateful(self),
        )
        self.register_outputs({})


def secret_name(context: Context, purpose: str) -> str:
    """A secret's name, known beforehand."""
    return f"{context.stack}/{purpose}"


def secret_arn(context: Context, purpose: str) -> str:
    """What a policy names the secret by."""
    return named_arn(context, secret_name(context, purpose))


def named_arn(context: Context, name: str) -> str:
    """What a policy names a secret of any name by: Secrets Manager adds six characters of its own."""
    return context.arn("secretsmanager", f"secret:{name}-??????")


def reference(name: str) -> str:
    """What CloudFormation puts the password of that secret in place of."""
    return f"{{{{resolve:secretsmanager:{name}:SecretString:password}}}}"


def maker_rights(context: Context, purpose: str) -> list[Statement]:
    """What CloudFormation needs to make that secret, and to hand it on."""
    actions = ["Create", "Delete", "Describe", "Update", "Restore"]
    policy = [f"secretsmanager:{verb}ResourcePolicy" for verb in ("Delete", "Get", "Put", "Validate")]
    more = ["secretsmanager:GetSecretValue", "secretsmanager:TagResource", "secretsmanager:UntagResource"]
    return [
        allow([*(f"secretsmanager:{verb}Secret" for verb in actions), *policy, *more], secret_arn(context, purpose)),
        allow(["secretsmanager:GetRandomPassword"], "*"),
    ]


def _template(args: SecretArgs, name: str) -> dict[str, Any]:
    context, kept = args.context, "Retain" if args.context.prod else "Delete"
    made = {
        "SecretStringTemplate": json.dumps({"username": args.user}),
        "GenerateStringKey": "password",
        "PasswordLength": _LENGTH,
        "ExcludePunctuation": True,
        "RequireEachIncludedType": True,
    }
    properties: dict[str, Any] = {
        "Name": name,
        "Description": args.description,
        "KmsKeyId": args.key.arn,
        "GenerateSecretString": made,
        "Tags": [{"Key": key, "Value": value} for key, value in sorted(context.tagged(name).items())],
    }
    closed = {"SecretId": {"Ref": "Secret"}, "BlockPublicPolicy": True, "ResourcePolicy": _policy(context)}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": args.description,
        "Resources": {
            "Secret": {
                "Type": "AWS::SecretsManager::Secret",
                "DeletionPolicy": kept,
                "UpdateReplacePolicy": kept,
                "Properties": properties,
            },
            "Policy": {"Type": "AWS::SecretsManager::ResourcePolicy", "Properties": closed},
        },
    }


def _policy(context: Context) -> dict[str, Any]:
    """Nobody of another account, whatever else is allowed; in the account, whom its IAM policies name."""
    nobody = {
        "Sid": "NobodyElse",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "secretsmanager:*",
        "Resource": "*",
        "Condition": {
            "StringNotEquals": {"aws:PrincipalAccount": context.account},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    }
    return {"Version": "2012-10-17", "Statement": [nobody]}
