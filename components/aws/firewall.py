"""Who reaches a server: one security group on one port, and nobody else. The server opens no connection of its own."""

import pulumi
import pulumi_aws as aws

from components.aws.context import Context
from components.contracts import Network, Text


def firewall(
    name: str,
    context: Context,
    network: Network,
    *,
    what: str,
    port: int,
    clients: Text,
    opts: pulumi.ResourceOptions,
) -> aws.ec2.SecurityGroup:
    """The server's security group: `what` from `clients`, a security group, over TCP."""
    group = aws.ec2.SecurityGroup(
        name,
        description=f"{what} from the machines of the cluster",
        vpc_id=network.id,
        revoke_rules_on_delete=False,
        tags=context.tagged(name),
        opts=opts,
    )
    aws.vpc.SecurityGroupIngressRule(
        f"{name}-in",
        description=f"{what} over TLS",
        security_group_id=group.id,
        referenced_security_group_id=clients,
        ip_protocol="tcp",
        from_port=port,
        to_port=port,
        tags=context.tagged(f"{name}-in"),
        opts=opts,
    )
    return group
