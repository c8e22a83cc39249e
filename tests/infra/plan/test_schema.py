"""The installed SDKs' types, read as a schema."""

import pytest

from infra.plan.schema import Kind, UnknownTypeError, computed, inputs, types_of

CONFIGURATION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"


def test_names_kinds_and_what_is_required() -> None:
    known = inputs(CONFIGURATION)
    assert known
    assert {name for name, field in known.items() if field.required} == {"bucket", "rules"}
    assert known["bucket"].kinds == (Kind("string"),)
    assert known["rules"].python == "rules"
    (rules,) = known["rules"].kinds
    assert rules.shape == "list"
    assert rules.items[0].shape == "object"


@pytest.mark.parametrize(
    ("token", "name", "shown"),
    [
        ("aws:s3/bucket:Bucket", "forceDestroy", "boolean"),
        ("aws:s3/bucket:Bucket", "acl", "string"),  # an enumeration that takes other texts too
        ("aws:s3/bucket:Bucket", "tags", "map of string"),
        ("aws:ec2/vpc:Vpc", "ipv4NetmaskLength", "number"),
        ("azure-native:storage:StorageAccount", "sku", "object"),
        ("azure-native:storage/v20250601:StorageAccount", "kind", "string"),
        ("kubernetes:core/v1:Pod", "kind", "one of 'Pod'"),
        ("kubernetes:core/v1:Secret", "stringData", "map of string"),
        ("pulumi:providers:aws", "region", "string"),
    ],
)
def test_every_kind_of_property_is_known(token: str, name: str, shown: str) -> None:
    known = inputs(token)
    assert known
    assert " or ".join(map(str, known[name].kinds)) == shown


def test_custom_kubernetes_types_are_open() -> None:
    assert inputs("kubernetes:ray.io/v1:RayCluster") is None


@pytest.mark.parametrize("token", ["aws:s3/bukcet:Bucket", "azure-native:storage:Account", "kubernetes:apps/v1:Pod"])
def test_an_unknown_type_is_refused_by_name(token: str) -> None:
    with pytest.raises(UnknownTypeError, match=token):
        inputs(token)


def test_what_the_cloud_computes_is_known() -> None:
    assert computed("aws:kms/key:Key")["arn"] == "string"
    assert computed("azure-native:storage:StorageAccount")["primaryEndpoints"] == "object"
    assert not computed("kubernetes:core/v1:Pod")


def test_every_type_of_the_sdks_is_listed() -> None:
    assert "aws:s3/bucket:Bucket" in types_of("aws")
    assert "azure-native:storage:StorageAccount" in types_of("azure-native")
    assert "kubernetes:apps/v1:Deployment" in types_of("kubernetes")
