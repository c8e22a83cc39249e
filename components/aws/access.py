"""Who is let into a cluster, and what EKS's own policies let them do there."""

import pulumi
import pulumi_aws as aws

from components.aws.context import Context
from components.contracts import Text

POLICIES = "arn:aws:eks::aws:cluster-access-policy"
"""Before the names of EKS's own policies."""


def access(
    name: str, context: Context, cluster: Text, principal: Text, policy: str, parent: pulumi.Resource
) -> pulumi.Resource:
    """Lets a role into the cluster with one of EKS's policies; wait for what is returned to find it in force."""
    child = pulumi.ResourceOptions(parent=parent)
    entry = aws.eks.AccessEntry(
        name,
        cluster_name=cluster,
        principal_arn=principal,
        type="STANDARD",
        tags=context.tagged(name),
        opts=child,
    )
    return aws.eks.AccessPolicyAssociation(
        f"{name}-policy",
        cluster_name=cluster,
        principal_arn=entry.principal_arn,
        policy_arn=f"{POLICIES}/{policy}",
        access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
        opts=child,
    )
