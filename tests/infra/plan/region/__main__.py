"""A small region of AWS, of components; `PLAN_TEST` says what is other than in the beginning."""

import json
import os
from typing import Any

import pulumi
import pulumi_aws as aws

CHANGED = os.environ.get("PLAN_TEST", "").split(",")
provider = aws.Provider("uae", region="me-central-1")
tags = {"owner": "data" if "tag" not in CHANGED else "platform"}


class Part(pulumi.ComponentResource):
    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"falaj:aws:{kind}", name, {}, pulumi.ResourceOptions(providers=[provider]))

    def opts(self, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, **more)


keys = Part("Keys", "uae-keys")
key = aws.kms.Key("uae-keys-storage", enable_key_rotation=True, tags=tags, opts=keys.opts(protect="protect" in CHANGED))

network = Part("Network", "uae-network")
vpc = aws.ec2.Vpc("uae-network-vpc", cidr_block="10.20.0.0/16", tags=tags, opts=network.opts())
subnets = {
    zone: aws.ec2.Subnet(
        f"uae-network-private-{zone}",
        vpc_id=vpc.id,
        cidr_block=f"10.20.{number}.0/24",
        availability_zone=f"me-central-1{zone}",
        tags=tags,
        opts=network.opts(),
    )
    for number, zone in enumerate("abc" if "zone" not in CHANGED else "abcd")
}
address = aws.ec2.Eip("uae-network-nat-a", domain="vpc", opts=network.opts())
aws.ec2.NatGateway("uae-network-gateway-a", subnet_id=subnets["a"].id, allocation_id=address.id, opts=network.opts())
aws.ec2.VpcEndpoint(
    "uae-network-ecr",
    vpc_id=vpc.id,
    service_name="com.amazonaws.me-central-1.ecr.api",
    vpc_endpoint_type="Interface",
    subnet_ids=[subnets["a"].id, subnets["b"].id],
    opts=network.opts(),
)

if "no-lake" not in CHANGED:
    stores = Part("ObjectStore", "uae-lake")
    bucket = aws.s3.Bucket(
        "uae-lake-bucket", tags=tags, opts=stores.opts(protect=True, retain_on_delete="retain" in CHANGED)
    )
    default = {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn}
    aws.s3.BucketServerSideEncryptionConfiguration(
        "uae-lake-encryption",
        bucket=bucket.id,
        rules=[{"apply_server_side_encryption_by_default": default}],
        opts=stores.opts(),
    )

cluster = Part("Cluster", "uae-cluster")
trust = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
role = aws.iam.Role("uae-cluster-role", assume_role_policy=json.dumps(trust), opts=cluster.opts())
plane = aws.eks.Cluster(
    "uae-cluster-plane",
    version="1.35",
    role_arn=role.arn,
    vpc_config={"subnet_ids": [subnet.id for subnet in subnets.values()], "endpoint_public_access": False},
    encryption_config={"provider": {"key_arn": key.arn}, "resources": ["secrets"]},
    opts=cluster.opts(),
)

pool = Part("NodePool", "uae-gpu")
template = aws.ec2.LaunchTemplate(
    "uae-gpu-template",
    block_device_mappings=[{"device_name": "/dev/xvda", "ebs": {"volume_size": 200, "encrypted": "true"}}],
    metadata_options={"http_tokens": "required"},
    opts=pool.opts(),
)
aws.eks.NodeGroup(
    "uae-gpu-nodes",
    cluster_name=plane.name,
    node_role_arn=role.arn,
    subnet_ids=[subnets["a"].id],
    instance_types=["g6.xlarge" if "type" in CHANGED else "p5.48xlarge" if "unsold" in CHANGED else "g5.xlarge"],
    scaling_config={"min_size": 1, "max_size": 8 if "size" in CHANGED else 4, "desired_size": 2},
    launch_template={"id": template.id, "version": template.latest_version.apply(str)},
    opts=pool.opts(),
)

database = Part("Database", "uae-tracking")
aws.rds.Instance(
    "uae-tracking-db",
    instance_class="db.t4g.medium",
    engine="postgres",
    allocated_storage=50,
    max_allocated_storage=200,
    multi_az=True,
    storage_encrypted=True,
    kms_key_id=key.arn,
    username="falaj",
    password=pulumi.Output.secret("of a test"),
    opts=database.opts(),
)
if "lookup" in CHANGED:
    aws.get_caller_identity()
