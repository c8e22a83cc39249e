"""A bucket with its key, a storage account and a pod: one resource or two of every cloud."""

import os

import pulumi
import pulumi_aws as aws
import pulumi_azure_native as azure
import pulumi_kubernetes as kubernetes

own = pulumi.ResourceOptions(provider=aws.Provider("uae", region="me-central-1"))
key = aws.kms.Key("key", enable_key_rotation=True, tags={"owner": "data"}, opts=own)
bucket = aws.s3.Bucket("lake", force_destroy=os.environ.get("PLAN_TEST") == "changed", opts=own)
aws.s3.BucketServerSideEncryptionConfiguration(
    "sse",
    bucket=bucket.id,
    rules=[
        {
            "apply_server_side_encryption_by_default": {"sse_algorithm": "aws:kms", "kms_master_key_id": key.arn},
            "bucket_key_enabled": "yes" if os.environ.get("PLAN_TEST") == "wrong" else True,
        }
    ],
    opts=own,
)
deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*"}
aws.s3.BucketPolicy("deny", bucket=bucket.id, policy={"Version": "2012-10-17", "Statement": [deny]}, opts=own)
aws.s3.BucketPolicy(
    "own",
    bucket=bucket.id,
    policy={"Version": "2012-10-17", "Statement": [{**deny, "Resource": bucket.arn}]},
    opts=own,
)
group = azure.resources.ResourceGroup("data")
azure.storage.StorageAccount(
    "lake-azure", kind="StorageV2", resource_group_name=group.name, sku={"name": "Standard_ZRS"}
)
space = kubernetes.core.v1.Namespace("team")
kubernetes.core.v1.Pod(
    "pod",
    metadata={"namespace": space.metadata["name"]},
    spec={"containers": [{"name": "main", "image": "example.ae/main"}]},
)
kubernetes.apiextensions.CustomResource(
    "ray", api_version="ray.io/v1", kind="RayCluster", metadata={"namespace": "team"}, spec={"rayVersion": "2.60.0"}
)
if os.environ.get("PLAN_TEST") == "lookup":
    aws.get_caller_identity()
pulumi.export("key", key.arn)
