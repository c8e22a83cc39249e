"""Registry entries and their signatures: whatever is not as it was published is refused."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from infra.errors import FalajError
from workloads.lib.object_store import ObjectStore, digest
from workloads.lib.registry import MANIFEST, SIGNATURE, Registry, sign
from workloads.lib.workspace import alone

FILES = {"model.safetensors": b"weights" * 500, "features.json": b'{"seen":{}}', "card.json": b'{"a":1}'}


def refused(action, *arguments) -> str:
    with pytest.raises(FalajError) as caught:
        action(*arguments)
    return caught.value.code


@pytest.fixture
def registry(store: ObjectStore) -> Registry:
    return Registry(store)


@pytest.fixture
def model(registry: Registry) -> str:
    return registry.publish("m", FILES, {"code": "c"})


def name(model: str, file: str) -> str:
    return f"registry/m/{model}/{file}"


def test_a_published_model_comes_back_verified(registry: Registry, model: str):
    loaded = registry.load("m", model)
    assert loaded.files == FILES
    assert loaded.facts == {"code": "c"}
    assert loaded.signature["verified"]
    assert loaded.signature["key"] == sign.Signer.of(registry.store).key_digest
    assert registry.publish("m", FILES, {"code": "c"}) == model
    assert registry.publish("m", FILES, {"code": "other"}) != model


@pytest.mark.parametrize("file", [*FILES, MANIFEST, SIGNATURE])
def test_one_flipped_byte_of_any_object_is_refused(registry: Registry, model: str, file: str):
    path = registry.store._file(name(model, file))
    good = path.read_bytes()
    for at in range(0, len(good), max(1, len(good) // 12)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 4]) + good[at + 1 :])
        assert refused(registry.load, "m", model) == "STO-004"
    path.unlink()
    assert refused(registry.load, "m", model) == "STO-005"


@pytest.mark.parametrize("file", [*FILES, MANIFEST])
def test_a_change_by_someone_who_holds_the_keys_is_refused(registry: Registry, model: str, file: str):
    registry.store.put(name(model, file), registry.store.get(name(model, file)) + b" ")
    assert refused(registry.load, "m", model) == "WRK-009"


def test_every_change_of_the_signature_that_matters_is_refused(registry: Registry, model: str):
    bundle = json.loads(registry.store.get(name(model, SIGNATURE)))
    envelope = bundle["dsseEnvelope"]
    other = registry.publish("m", FILES, {"code": "other"})

    def load_with(changed: bytes) -> str:
        registry.store.put(name(model, SIGNATURE), changed)
        return refused(registry.load, "m", model)

    assert load_with(registry.store.get(name(other, SIGNATURE))) == "WRK-010"
    assert load_with(b"") == load_with(b"{}") == load_with(b"\xff") == "WRK-010"
    for field in ("payload", "sig"):
        holder = envelope if field == "payload" else envelope["signatures"][0]
        good = holder[field]
        holder[field] = good[:40] + ("A" if good[40] != "A" else "B") + good[41:]
        assert load_with(json.dumps(bundle).encode()) == "WRK-010"
        holder[field] = good
    stranger = sign.Signer(ec.generate_private_key(ec.SECP256R1()))
    digests = {file: digest(data) for file, data in FILES.items()}
    digests[MANIFEST] = model
    assert load_with(stranger.sign(model, digests)) == "WRK-010"
    assert load_with(sign.Signer.of(registry.store).sign(model, digests | {"extra": model})) == "WRK-010"


def test_an_extra_file_is_refused(registry: Registry, model: str):
    registry.store.put(name(model, "evil.py"), b"")
    assert refused(registry.load, "m", model) == "WRK-009"


def test_a_model_is_published_once(registry: Registry, model: str):
    registry.store.put(name(model, "card.json"), b"{}")
    assert refused(registry.publish, "m", FILES, {"code": "c"}) == "STO-009"


def test_names_and_digests_are_checked(registry: Registry, model: str):
    for wrong in ("", "M", "a/b", "../m", "m" * 41):
        assert refused(registry.publish, wrong, FILES, {}) == refused(registry.load, wrong, model) == "REG-001"
    for wrong in ("", "champion", "sha256:" + "0" * 63, "sha256:" + "G" * 64):
        assert refused(registry.load, "m", wrong) == "REG-001"


def test_an_entry_under_another_name_is_refused(registry: Registry, model: str):
    for found in registry.store.names("registry/m/"):
        registry.store.put(found.replace("/m/", "/other/"), registry.store.get(found))
    assert refused(registry.load, "other", model) == "WRK-009"


def test_two_files_swapped_are_refused(registry: Registry, model: str):
    one, two = name(model, "card.json"), name(model, "features.json")
    first, second = registry.store.get(one), registry.store.get(two)
    registry.store.put(one, second)
    registry.store.put(two, first)
    assert refused(registry.load, "m", model) == "WRK-009"


def test_nothing_is_asked_over_a_network(registry: Registry, model: str, monkeypatch: pytest.MonkeyPatch):
    def closed(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(socket.socket, "connect", closed)
    monkeypatch.setattr(socket, "getaddrinfo", closed)
    assert registry.load("m", model).signature["verified"]


def test_two_first_publishers_make_one_key(store: ObjectStore):
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda number: Registry(store).publish("m", FILES, {"n": number}), range(4)))
    assert [Registry(store).load("m", model).facts["n"] for model in made] == [0, 1, 2, 3]


def test_a_killed_publish_is_completed(registry: Registry, model: str):
    registry.store.delete(name(model, SIGNATURE))
    assert refused(registry.load, "m", model) == "STO-005"
    assert registry.publish("m", FILES, {"code": "c"}) == model
    assert registry.load("m", model).files == FILES


def test_a_workload_runs_alone_and_leaves_no_scratch(tmp_path):
    with alone(tmp_path, "w") as scratch:
        (scratch / "plain").write_text("x")
        with pytest.raises(FalajError, match="WRK-002"), alone(tmp_path, "w"):
            pass
    assert not scratch.exists()
    scratch.mkdir()
    (scratch / "left by a killed run").write_text("x")
    with alone(tmp_path, "w") as scratch:
        assert list(scratch.iterdir()) == []
