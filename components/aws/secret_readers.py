"""Roles by which secrets come into the cluster: one for each namespace, that reads what this namespace is given.

Who copies them (external-secrets) can read none by its own role: it takes, for a namespace, the one of that namespace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components import contracts
from components.aws.context import Context
from components.aws.pod_identity import associate
from components.aws.role import Role, RoleArgs, Statement, allow, by_pods, role_arn
from components.contracts import Text

COPIER = "secret-copier"
_READ = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]


@dataclass(frozen=True, kw_only=True)
class SecretReadersArgs:
    context: Context
    cluster: contracts.Cluster
    secrets: Mapping[str, Sequence[Text]]
    """ARNs, or patterns of them, of the secrets that a namespace is given, by namespace."""
    namespace: str = "external-secrets"
    service_account: str = "external-secrets"
    boundary: Text | None = None


class SecretReaders(pulumi.ComponentResource):
    """`roles` are ARNs by namespace. Their key needs no right here, it lets whoever reads through Secrets Manager."""

    roles: Mapping[str, pulumi.Output[str]]

    def __init__(self, name: str, args: SecretReadersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:SecretReaders", name, {}, opts)
        self._name, self._args = name, args
        self._copier()
        self.roles = {namespace: self._reader(namespace).arn for namespace in args.secrets}
        self.register_outputs({})

    def _copier(self) -> None:
        args, context = self._args, self._args.context
        cluster = context.arn("eks", f"cluster/{context.stack}")
        readers = [role_arn(context, _purpose(namespace)) for namespace in args.secrets]
        made = RoleArgs(
            context=context,
            purpose=COPIER,
            trust=by_pods(context, cluster, args.namespace, args.service_account),
            statements=[allow(["sts:AssumeRole", "sts:TagSession"], readers)],
            boundary=args.boundary,
        )
        role = Role(f"{self._name}-identity", made, pulumi.ResourceOptions(parent=self))
        associate(self._name, context, args.cluster, args.namespace, args.service_account, role, self)

    def _reader(self, namespace: str) -> Role:
        args, secrets = self._args, self._args.secrets[namespace]
        known = [arn for arn in secrets if isinstance(arn, str)]
        late = [arn for arn in secrets if not isinstance(arn, str)]
        made = RoleArgs(
            context=args.context,
            purpose=_purpose(namespace),
            trust=_by(args.context, COPIER),
            statements=[allow(_READ, known)] if known else [],
            late=[allow(_READ, late)] if late else [],
            boundary=args.boundary,
        )
        return Role(f"{self._name}-{namespace}", made, pulumi.ResourceOptions(parent=self))


def _purpose(namespace: str) -> str:
    return f"secrets-{namespace}"


def _by(context: Context, purpose: str) -> Statement:
    """Trust in a role of the account, there yet or not, whose sessions are tagged by EKS and hand their tags on."""
    return {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{context.account}:root"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {"StringEquals": {"aws:PrincipalArn": role_arn(context, purpose)}},
    }
