"""Who does what in a region: pods by their duty, the pipeline that deploys it, and the people who look after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import pulumi

from components import contracts
from components.aws.access import access
from components.aws.ci import DEPLOY, PLAN, READ_ONLY, Ci, CiArgs
from components.aws.context import Context
from components.aws.pod_identity import Duty, PodIdentity, PodIdentityArgs
from components.aws.role import Role, RoleArgs, allow, by_roles
from components.contracts import ObjectStore, Text

OPERATOR = "operator"
DUTIES: Mapping[str, Duty] = MappingProxyType(
    {
        "ingest": Duty(
            namespace="ray",
            service_account="ingest",
            reads={"lake": [""]},
            writes={"lake": ["raw/", "quarantine/", "tables/"], "features": [""]},
        ),
        "train": Duty(
            namespace="ray",
            service_account="train",
            reads={"lake": ["tables/"], "features": [""], "artifacts": [""]},
            writes={"artifacts": ["checkpoints/", "models/", "evidence/"]},
        ),
        "serve": Duty(
            namespace="ray",
            service_account="serve",
            reads={"features": [""], "artifacts": ["models/"]},
            writes={"lake": ["requests/"]},
        ),
        "tracking": Duty(
            namespace="mlflow",
            service_account="tracking",
            reads={"artifacts": ["mlflow/"]},
            writes={"artifacts": ["mlflow/"]},
        ),
    }
)
"""What pods of a platform do with which stores (lake, features, artifacts)."""


@dataclass(frozen=True, kw_only=True)
class CiSettings:
    issuer: str
    subject: str
    plan_subject: str | None = None
    provider: bool = True


@dataclass(frozen=True, kw_only=True)
class IdentityArgs:
    context: Context
    cluster: contracts.Cluster
    boundary: Text
    stores: Mapping[str, ObjectStore]
    duties: Mapping[str, Duty] = field(default_factory=lambda: DUTIES)
    secrets: Mapping[str, Sequence[Text]] = field(default_factory=dict[str, Sequence[Text]])
    """ARNs of the secrets that a duty opens, by duty."""
    ci: CiSettings | None
    operators: Sequence[str]
    """ARNs of the roles whose people look after the region."""
    mfa: bool = True
    """Whether operators show a second factor. An identity centre's sessions show none to AWS: it asks itself."""


class Identity(pulumi.ComponentResource):
    """`roles` are ARNs by purpose: the duties, `operator`, `ci-plan`, `ci-deploy`."""

    roles: Mapping[str, pulumi.Output[str]]

    def __init__(self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Identity", name, {}, opts)
        self._name, self._args = name, args
        self.roles = {**self._pods(), **self._ci(), **self._operators()}
        self.register_outputs({})

    def _pods(self) -> dict[str, pulumi.Output[str]]:
        args = self._args
        return {
            purpose: PodIdentity(
                f"{self._name}-{purpose}",
                PodIdentityArgs(
                    context=args.context,
                    cluster=args.cluster,
                    purpose=purpose,
                    duty=duty,
                    stores=args.stores,
                    secrets=args.secrets.get(purpose, ()),
                    boundary=args.boundary,
                ),
                pulumi.ResourceOptions(parent=self),
            ).arn
            for purpose, duty in args.duties.items()
        }

    def _ci(self) -> dict[str, pulumi.Output[str]]:
        args = self._args
        if args.ci is None:
            return {}
        made = CiArgs(
            context=args.context,
            issuer=args.ci.issuer,
            subject=args.ci.subject,
            plan_subject=args.ci.plan_subject,
            provider=args.ci.provider,
            boundary=args.boundary,
        )
        ci = Ci(f"{self._name}-ci", made, pulumi.ResourceOptions(parent=self))
        self._let_in(PLAN, ci.plan, "AmazonEKSViewPolicy")
        self._let_in(DEPLOY, ci.deploy, "AmazonEKSClusterAdminPolicy")
        return {PLAN: ci.plan, DEPLOY: ci.deploy}

    def _operators(self) -> dict[str, pulumi.Output[str]]:
        """They see how all is set and what runs, no data and no secrets of the cluster."""
        args = self._args
        if not args.operators:
            return {}
        made = RoleArgs(
            context=args.context,
            purpose=OPERATOR,
            trust=by_roles(args.operators, mfa=args.mfa),
            managed=READ_ONLY,
            statements=[allow(["eks:DescribeCluster"], args.context.arn("eks", f"cluster/{args.context.stack}"))],
            boundary=args.boundary,
        )
        role = Role(f"{self._name}-{OPERATOR}", made, pulumi.ResourceOptions(parent=self))
        self._let_in(OPERATOR, role.arn, "AmazonEKSViewPolicy")
        return {OPERATOR: role.arn}

    def _let_in(self, purpose: str, role: Text, policy: str) -> None:
        access(f"{self._name}-{purpose}-access", self._args.context, self._args.cluster.name, role, policy, self)
