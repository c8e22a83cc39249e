"""A registry with three models of one name, and a decision log in which the release gate was asked about them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from policies.gate.decide import Gate
from policies.gate.document import Stack, from_release
from tests.workloads.test_employment import _evidence
from workloads.employment.spec import PATH, Spec
from workloads.employment.workload import Employment
from workloads.lib.object_store import ObjectStore
from workloads.lib.registry import Registry


@pytest.fixture
def registry(store: ObjectStore) -> Registry:
    return Registry(store)


@pytest.fixture
def models(registry: Registry) -> list[str]:
    return [registry.publish("m", {"weights": bytes([number]) * 100}, {"n": number}) for number in range(3)]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> "Callable[..., tuple[str, Path]]":
    """(decision id, log) of the release gate about a model, allowed unless a threshold is raised."""
    log = tmp_path_factory.mktemp("gate") / "decisions.jsonl"
    stack = Stack(name="local", project="falaj", profile="dev", jurisdiction="local")
    with Gate.start(log=log) as gate:

        def decide(model: str, name: str = "m", **raised: float) -> tuple[str, Path]:
            evidence = _evidence() | {"model": name, "digest": model}
            thresholds = Employment(Spec.load(PATH)).thresholds() | raised
            return gate.decide(from_release(evidence, stack, thresholds)).decision_id, log

        yield decide
