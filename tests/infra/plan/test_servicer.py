"""What the engine is told of changes to an exported state, and of names the program leaves to the provider."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from infra.plan import replaces, schema
from infra.plan.difference import SEALED
from infra.plan.names import UNKNOWN
from infra.plan.serve import attached
from policies.gate.redact import plain


def struct(values: dict[str, Any]) -> struct_pb2.Struct:
    made = struct_pb2.Struct()
    made.update(values)
    return made


def urn(token: str) -> str:
    return f"urn:pulumi:test::falaj::falaj:region:Region${token}::lake"


class Client:
    """Asks as the engine does."""

    def __init__(self, ports: dict[str, str]) -> None:
        channels = {package: grpc.insecure_channel(f"127.0.0.1:{port}") for package, port in ports.items()}
        self.stubs = {package: ResourceProviderStub(channel) for package, channel in channels.items()}

    def diff(self, token: str, old: dict[str, Any], new: dict[str, Any], **options: Any) -> provider_pb2.DiffResponse:
        request = provider_pb2.DiffRequest(urn=urn(token), old_inputs=struct(old), news=struct(new), **options)
        return self.stubs[token.split(":")[0]].Diff(request)

    def checked(self, token: str, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
        request = provider_pb2.CheckRequest(urn=urn(token), news=struct(new), olds=struct(old or {}))
        answer = self.stubs[token.split(":")[0]].Check(request)
        assert not answer.failures
        return plain(answer.inputs)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with attached() as environment:
        pairs = environment["PULUMI_DEBUG_PROVIDERS"].split(",")
        yield Client(dict(pair.split(":") for pair in pairs))


BUCKET, POD, ACCOUNT = "aws:s3/bucket:Bucket", "kubernetes:core/v1:Pod", "azure-native:storage:StorageAccount"


@pytest.mark.parametrize(
    ("token", "old", "new", "replaces"),
    [
        (BUCKET, {"bucket": "a", "tags": {"x": "1"}}, {"bucket": "a", "tags": {"x": "2"}}, []),
        (BUCKET, {"bucket": "a"}, {"bucket": "b"}, ["bucket"]),
        (ACCOUNT, {"location": "uaenorth"}, {"location": "westeurope"}, ["location"]),
        (POD, {"metadata": {"name": "a"}}, {"metadata": {"name": "a", "labels": {"x": "1"}}}, []),
        (POD, {"metadata": {"name": "a"}}, {"metadata": {"name": "a", "namespace": "b"}}, ["metadata"]),
        (POD, {"metadata": {"name": "a"}}, {"metadata": UNKNOWN}, []),
    ],
)
def test_changes_are_made_in_place_or_not(
    client: Client, token: str, old: dict[str, Any], new: dict[str, Any], replaces: list[str]
) -> None:
    answer = client.diff(token, old, new)
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(answer.replaces) == replaces


POOL, CLUSTER = "aws:eks/nodeGroup:NodeGroup", "aws:eks/cluster:Cluster"
DATABASE, SUBNET = "aws:rds/instance:Instance", "aws:ec2/subnet:Subnet"


@pytest.mark.parametrize(
    ("token", "old", "new", "changed", "replaces"),
    [
        (POOL, {"scalingConfig": {"maxSize": 2}}, {"scalingConfig": {"maxSize": 3}}, ["scalingConfig.maxSize"], []),
        (
            POOL,
            {"instanceTypes": ["g5.xlarge"]},
            {"instanceTypes": ["g6.xlarge"]},
            ["instanceTypes[0]"],
            ["instanceTypes"],
        ),
        (
            POOL,
            {"launchTemplate": {"id": "a", "version": "1"}},
            {"launchTemplate": {"id": "a", "version": "2"}},
            ["launchTemplate.version"],
            [],
        ),
        (
            POOL,
            {"launchTemplate": {"id": "a"}},
            {"launchTemplate": {"id": UNKNOWN}},
            ["launchTemplate.id"],
            ["launchTemplate"],
        ),
        (
            CLUSTER,
            {"vpcConfig": {"subnetIds": ["a"]}},
            {"vpcConfig": {"subnetIds": ["a", "b"]}},
            ["vpcConfig.subnetIds[1]"],
            [],
        ),
        (CLUSTER, {"version": "1.34"}, {"version": "1.35"}, ["version"], []),
        (
            CLUSTER,
            {"encryptionConfig": {"resources": ["secrets"]}},
            {},
            ["encryptionConfig.resources[0]"],
            ["encryptionConfig"],
        ),
        (CLUSTER, {}, {"accessConfig": {"authenticationMode": "API"}}, ["accessConfig.authenticationMode"], []),
        (DATABASE, {"storageEncrypted": False}, {"storageEncrypted": True}, ["storageEncrypted"], ["storageEncrypted"]),
        (DATABASE, {"instanceClass": "db.m7g.large"}, {"instanceClass": "db.m7g.xlarge"}, ["instanceClass"], []),
        (SUBNET, {"tags": {"a.b/c": "1"}}, {"tags": {"a.b/c": "2", "d": "3"}}, ['tags["a.b/c"]', "tags.d"], []),
        (SUBNET, {"cidrBlock": "10.0.0.0/24"}, {"cidrBlock": "10.0.1.0/24"}, ["cidrBlock"], ["cidrBlock"]),
        (
            "kubernetes:core/v1:PersistentVolumeClaim",
            {"spec": {"storageClassName": "a"}},
            {"spec": {"storageClassName": "b"}},
            ["spec.storageClassName"],
            ["spec"],
        ),
        (
            "kubernetes:ray.io/v1:RayCluster",
            {"spec": {"selector": 1}},
            {"spec": {"selector": 2}},
            ["spec.selector"],
            [],
        ),
    ],
)
def test_each_type_has_its_own_reasons_to_be_replaced(
    client: Client, token: str, old: dict[str, Any], new: dict[str, Any], changed: list[str], replaces: list[str]
) -> None:
    answer = client.diff(token, old, new)
    assert sorted(answer.detailedDiff) == sorted(changed)
    assert list(answer.replaces) == replaces


def test_what_is_ignored_is_no_change(client: Client) -> None:
    old = {"scalingConfig": {"desiredSize": 1, "maxSize": 2}, "taints": [{"value": "a"}]}
    new = {"scalingConfig": {"desiredSize": 5, "maxSize": 2}, "taints": [{"value": "b"}]}
    ignoring = ["scalingConfig.desiredSize", "taints[*].value"]
    assert client.diff(POOL, old, new, ignoreChanges=ignoring).changes == provider_pb2.DiffResponse.DIFF_NONE
    assert list(client.diff(POOL, old, new, ignoreChanges=ignoring[:1]).diffs) == ["taints"]


def test_a_name_that_cannot_be_had_twice_goes_first(client: Client) -> None:
    change = ({"vpcId": "a"}, {"vpcId": "b"})
    group = "aws:ec2/securityGroup:SecurityGroup"
    for name, first in (("web", True), ("lake-1a2b3c4", False)):  # the second one is of the provider's making
        old, new = ({**inputs, "name": name} for inputs in change)
        assert client.diff(group, old, new).deleteBeforeReplace is first


def test_a_policy_is_the_same_however_it_is_written(client: Client) -> None:
    old, new = (
        {"policy": '{"Version": "2012-10-17", "Statement": []}'},
        {"policy": '{"Statement":[],"Version":"2012-10-17"}'},
    )
    assert client.diff("aws:s3/bucketPolicy:BucketPolicy", old, new).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_sealed_secret_is_taken_for_the_same(client: Client) -> None:
    signature = "4dabf18193072939515e22adb298388d"
    old, new = (
        {"password": {signature: "1b47061264138c4ac30d75fd1eb44270", "value": text}}
        for text in (SEALED, "of the program")
    )
    assert client.diff(DATABASE, old, new).changes == provider_pb2.DiffResponse.DIFF_NONE
    assert client.diff(DATABASE, new, old).changes == provider_pb2.DiffResponse.DIFF_SOME


def test_every_path_of_the_catalogue_is_a_property() -> None:
    table = tomllib.loads((Path(replaces.__file__).parents[1] / "catalog" / "replaces.toml").read_text())["aws"]
    for name, paths in [item for part in ("read", "removed", "documented") for item in table[part].items()]:
        for path in paths:
            known = schema.inputs(f"aws:{name}") or {}
            for step in path.split("."):
                assert step in known, f"{name} has no {path}"
                inner = [kind.args or next((item.args for item in kind.items), None) for kind in known[step].kinds]
                known = schema.fields(inner[0]) if inner and inner[0] else {}


def test_what_providers_note_in_a_state_is_no_change(client: Client) -> None:
    old = {"bucket": "a", "__defaults": ["bucket"], "grants": [{"__defaults": [], "type": "Group"}]}
    new = {"bucket": "a", "grants": [{"type": "Group"}]}
    assert client.diff(BUCKET, old, new).changes == provider_pb2.DiffResponse.DIFF_NONE
    assert client.diff(BUCKET, {"tags": {}}, {}, ignoreChanges=["tags"]).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_name_is_made_once_and_kept(client: Client) -> None:
    made = client.checked(BUCKET, {})["bucket"]
    assert made.startswith("lake-")
    assert made == client.checked(BUCKET, {})["bucket"]
    assert client.checked(BUCKET, {}, {"bucket": "lake-of-old"}) == {"bucket": "lake-of-old"}
    assert client.checked(BUCKET, {"bucketPrefix": "of-mine"}) == {"bucketPrefix": "of-mine"}
    account = {"kind": "StorageV2", "resourceGroupName": "data", "sku": {"name": "Standard_ZRS"}}
    assert client.checked(ACCOUNT, account, account | {"accountName": "old"})["accountName"] == "old"


def test_kubernetes_objects_are_named_in_their_metadata(client: Client) -> None:
    container = {"spec": {"containers": [{"name": "main"}]}}
    assert client.checked(POD, container)["metadata"]["name"].startswith("lake-")
    assert client.checked(POD, {**container, "metadata": {"generateName": "a-"}})["metadata"] == {"generateName": "a-"}
    assert client.checked(POD, {**container, "metadata": UNKNOWN})["metadata"] == UNKNOWN
