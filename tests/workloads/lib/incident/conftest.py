"""A platform under four regimes whose endpoint does not answer, and two models of one name."""

from pathlib import Path

import pytest

from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import Platform
from workloads.lib.registry import Registry, alias


@pytest.fixture
def platform(store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    monkeypatch.setenv("FALAJ_AUTHOR", "oncall@example.ae")
    (tmp_path / "passphrase").write_bytes(b"correct horse")
    nobody = "http://127.0.0.1:9"
    ray = {"address": "127.0.0.1:9", "dashboard": nobody, "token_file": "t", "cpus": 1, "memory_gib": 1}
    fields = {
        "schema": 1,
        "stack": "s",
        "kind": "region",
        "profile": "prod",
        "jurisdiction": "uae",
        "regimes": ["pdpl", "gdpr", "difc", "bank"],
        "passphrase_file": tmp_path / "passphrase",
        "keys": {"path": tmp_path / "keys/ring.json", "id": store.ring.id},
        "store": {"path": store.path},
        "decision": {"url": nobody, "token_file": "t", "bundle_digest": "sha256:0"},
        "tracking": {"url": nobody},
        "ray": ray | {"serve": {"host": "127.0.0.1", "port": 9}},
        "decision_log": tmp_path / "gate" / "decisions.jsonl",
    }
    return Platform.model_validate(fields)


@pytest.fixture
def models(store: ObjectStore, platform: Platform) -> list[str]:
    """Two entries of `m`; `champion` points at the second."""
    files = {"card.json": b"{}", "profile.json": b"{}"}
    made = [Registry(store).publish("m", files | {"weights": bytes([n])}, {"n": n}) for n in range(2)]
    for model in made:
        alias.move(store, "m", "champion", model, why="better")
    return made
