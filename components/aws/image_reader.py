"""The role by which whoever looks at images before they run reads them: the region's own, no others."""

from dataclasses import dataclass

import pulumi

from components import contracts
from components.aws.context import Context
from components.aws.pod_identity import associate
from components.aws.registry import PULL, repository_arn
from components.aws.role import Role, RoleArgs, allow, by_pods
from components.contracts import Text


@dataclass(frozen=True, kw_only=True)
class ImageReaderArgs:
    context: Context
    cluster: contracts.Cluster
    namespace: str = "cosign-system"
    service_account: str = "webhook"
    boundary: Text | None = None


class ImageReader(pulumi.ComponentResource):
    """`arn` is the role's. Signatures lie beside their images, so that who reads these reads those."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: ImageReaderArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:ImageReader", name, {}, opts)
        context = args.context
        cluster = context.arn("eks", f"cluster/{context.stack}")
        made = RoleArgs(
            context=context,
            purpose="image-reader",
            trust=by_pods(context, cluster, args.namespace, args.service_account),
            # A token opens no repository by itself, and IAM knows no resource of it.
            statements=[allow(["ecr:GetAuthorizationToken"], "*"), allow(PULL, repository_arn(context, "*"))],
            boundary=args.boundary,
        )
        role = Role(f"{name}-identity", made, pulumi.ResourceOptions(parent=self))
        associate(name, context, args.cluster, args.namespace, args.service_account, role, self)
        self.arn = role.arn
        self.register_outputs({})
