"""What the engine is told of changes to an exported state, and of names the program leaves to the provider."""

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import provider_pb2
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

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
