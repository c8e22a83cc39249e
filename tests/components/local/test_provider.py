"""The provider plugin as the engine sees it: a real process, spoken to over gRPC."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
from google.protobuf import empty_pb2
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from components.local.provider.wire import UNKNOWN, to_python, to_struct
from tests.rig import free_ports

BIN = Path(sys.executable).parent
RING, STORE, RAY = "falaj:local:KeyRing", "falaj:local:ObjectStore", "falaj:local:RayRuntime"


def urn(type_: str) -> str:
    return f"urn:pulumi:local::falaj::falaj:local:Region${type_}::thing"


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ResourceProviderStub]:
    secret = tmp_path_factory.mktemp("secret") / "passphrase"
    secret.write_text("open sesame")
    environment = {**os.environ, "PULUMI_CONFIG_PASSPHRASE_FILE": str(secret)}
    environment.pop("PULUMI_CONFIG_PASSPHRASE", None)
    process = subprocess.Popen([BIN / "pulumi-resource-falaj"], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            yield ResourceProviderStub(channel)
    finally:
        process.kill()
        process.wait()


def check(provider: ResourceProviderStub, type_: str, news: dict[str, Any]) -> dict[str, str]:
    answer = provider.Check(pb.CheckRequest(urn=urn(type_), news=to_struct(news)))
    return {failure.property: failure.reason for failure in answer.failures}


def create(provider: ResourceProviderStub, type_: str, properties: dict[str, Any], preview: bool = False) -> Any:
    return provider.Create(pb.CreateRequest(urn=urn(type_), properties=to_struct(properties), preview=preview))


def diff(
    provider: ResourceProviderStub, type_: str, old: dict[str, Any], outputs: dict[str, Any], new: dict[str, Any]
) -> Any:
    request = pb.DiffRequest(urn=urn(type_), olds=to_struct(outputs), old_inputs=to_struct(old), news=to_struct(new))
    return provider.Diff(request)


def test_check_is_strict(provider: ResourceProviderStub, tmp_path: Path) -> None:
    good = {"path": str(tmp_path / "ring"), "generation": 1}
    assert check(provider, RING, good) == {}
    assert "extra" in check(provider, RING, {**good, "genration": 2})["genration"].lower()
    assert "got a str" in check(provider, RING, {**good, "generation": "1"})["generation"]
    assert "got 0" in check(provider, RING, {**good, "generation": 0})["generation"]
    assert "required" in check(provider, RING, {"path": good["path"]})["generation"].lower()


def test_unknown_values_are_not_judged_yet(provider: ResourceProviderStub, tmp_path: Path) -> None:
    store = {"path": str(tmp_path), "key_ring": UNKNOWN, "encryption": "AES-256-GCM"}
    assert check(provider, STORE, store) == {}
    assert list(check(provider, STORE, {**store, "encryption": "rot13"})) == ["encryption"]


def test_life_of_a_ring_and_its_store(provider: ResourceProviderStub, tmp_path: Path) -> None:
    ring = {"path": str(tmp_path / "ring"), "generation": 1}
    planned = to_python(create(provider, RING, ring, preview=True).properties)
    assert planned == {**ring, "ring_id": UNKNOWN}
    assert not (tmp_path / "ring").exists(), "a preview touches nothing"

    made = create(provider, RING, ring)
    again = create(provider, RING, ring)
    assert again.properties == made.properties, "what a killed run left is adopted"
    store = {"path": str(tmp_path / "store"), "key_ring": ring["path"], "encryption": "AES-256-GCM"}
    stored = create(provider, STORE, store)
    assert to_python(stored.properties)["ring_id"] == to_python(made.properties)["ring_id"]

    outputs = to_python(made.properties)
    assert diff(provider, RING, ring, outputs, ring).changes == pb.DiffResponse.DIFF_NONE
    rotated = {**ring, "generation": 3}
    assert list(diff(provider, RING, ring, outputs, rotated).diffs) == ["generation"]
    moved = diff(provider, RING, ring, outputs, {**ring, "path": "/elsewhere"})
    assert list(moved.replaces) == ["path"]
    request = pb.UpdateRequest(
        urn=urn(RING), id=made.id, olds=made.properties, old_inputs=to_struct(ring), news=to_struct(rotated)
    )
    assert to_python(provider.Update(request).properties)["ring_id"] == outputs["ring_id"]
    assert provider.Read(pb.ReadRequest(urn=urn(STORE), id=stored.id, inputs=to_struct(store))).id == stored.id

    for type_, inputs in ((STORE, store), (RING, ring)):
        for _ in range(2):  # deleting what is gone is fine
            provider.Delete(pb.DeleteRequest(urn=urn(type_), id="x", old_inputs=to_struct(inputs)))
        assert not provider.Read(pb.ReadRequest(urn=urn(type_), id="x", inputs=to_struct(inputs))).id
    assert list(tmp_path.iterdir()) == []


def test_exchanged_ring_is_refused(provider: ResourceProviderStub, tmp_path: Path) -> None:
    ring = {"path": str(tmp_path / "ring"), "generation": 1}
    made = create(provider, RING, ring)
    (tmp_path / "ring").unlink()
    create(provider, RING, ring)
    with pytest.raises(grpc.RpcError, match="FALAJ-LOC-008"):
        provider.Read(pb.ReadRequest(urn=urn(RING), id=made.id, inputs=to_struct(ring), properties=made.properties))


def test_unencrypted_store_is_never_built(provider: ResourceProviderStub, tmp_path: Path) -> None:
    ring = {"path": str(tmp_path / "ring"), "generation": 1}
    create(provider, RING, ring)
    with pytest.raises(grpc.RpcError, match="FALAJ-LOC-003"):
        create(provider, STORE, {"path": str(tmp_path / "s"), "key_ring": ring["path"], "encryption": "none"})
    assert not (tmp_path / "s").exists()


def test_more_than_the_machine_has(provider: ResourceProviderStub, tmp_path: Path) -> None:
    names = ("port", "dashboard_port", "agent_port", "client_port", "serve_port")
    ray: dict[str, Any] = {
        "supervisor": str(tmp_path), "path": str(tmp_path), "bind": "127.0.0.1", "telemetry": False, "auth": "token",
        "cpus": 1, "memory_gib": 0.5, "object_store_gib": 0.1, **dict(zip(names, free_ports(5), strict=True)),
    }  # fmt: skip
    assert check(provider, RAY, ray) == {}
    assert "FALAJ-LOC-007" in check(provider, RAY, {**ray, "cpus": 1024})[""]
    assert "FALAJ-LOC-007" in check(provider, RAY, {**ray, "memory_gib": 60000})[""]


def test_foreign_types_are_refused(provider: ResourceProviderStub) -> None:
    with pytest.raises(grpc.RpcError, match="aws:s3/bucket:Bucket is not a resource of the local target"):
        check(provider, "aws:s3/bucket:Bucket", {})


def test_an_older_states_inputs_are_read(provider: ResourceProviderStub, tmp_path: Path) -> None:
    ring = {"path": str(tmp_path / "ring"), "generation": 1}
    made = create(provider, RING, ring)
    older = {**ring, "no_longer_an_input": True}
    assert provider.Read(pb.ReadRequest(urn=urn(RING), id=made.id, inputs=to_struct(older))).id == made.id


def test_it_introduces_itself(provider: ResourceProviderStub) -> None:
    assert provider.GetPluginInfo(empty_pb2.Empty()).version


def test_it_ends_with_its_engine() -> None:
    code = (
        "import subprocess, sys; print(subprocess.Popen([sys.argv[1], '127.0.0.1:9'], stdout=subprocess.DEVNULL).pid)"
    )
    command = [sys.executable, "-c", code, str(BIN / "pulumi-resource-falaj")]
    engine = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    plugin = psutil.Process(int(engine.stdout))
    assert plugin.wait(20) is None or not plugin.is_running()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**50), 2**50)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=200)
@given(st.dictionaries(st.text(min_size=1, max_size=8), JSON, max_size=5))
def test_values_survive_the_wire(properties: dict[str, Any]) -> None:
    assert to_python(to_struct(properties)) == properties
