"""A platform under four regimes whose endpoint does not answer, and two models of one name."""

from pathlib import Path
from typing import Any

import pytest

from tests.workloads.platform_fields import fields
from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import Platform
from workloads.lib.registry import Registry, alias


@pytest.fixture
def platform(store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    monkeypatch.setenv("FALAJ_AUTHOR", "oncall@example.ae")
    regimes = ["pdpl", "gdpr", "difc", "bank"]
    stack: dict[str, Any] = {"stack": "s", "profile": "prod", "jurisdiction": "uae", "regimes": regimes}
    return Platform.model_validate(fields(tmp_path, store, **stack))


@pytest.fixture
def models(store: ObjectStore, platform: Platform) -> list[str]:
    """Two entries of `m`; `champion` points at the second."""
    files = {"card.json": b"{}", "profile.json": b"{}"}
    made = [Registry(store).publish("m", files | {"weights": bytes([n])}, {"n": n}) for n in range(2)]
    for model in made:
        alias.move(store, "m", "champion", model, why="better")
    return made
