"""A real API server takes every vendored type as it is kept here, serves it, and takes every vendored object."""

import time
from collections.abc import Iterator

import pytest

from components.kubernetes.bill import bill, objects, types
from infra.plan.cluster.client import Client, Object
from tests.e2e.sims import standing

pytestmark = [pytest.mark.e2e, pytest.mark.cluster, pytest.mark.timeout(300)]
PROGRAMS = sorted(bill().manifests)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with standing(tmp_path_factory, "uae-aws", name="vendored") as sims:
        yield sims.client("vendored")


@pytest.mark.parametrize("name", PROGRAMS)
def test_types_are_served_as_they_are_vendored(client: Client, name: str) -> None:
    for one in types(name):
        client.apply(one, force=True)
    for one in types(name):
        found = live(client, one)
        assert found["status"]["acceptedNames"]["kind"] == one["spec"]["names"]["kind"]
        assert {of["name"] for of in found["spec"]["versions"]} == {of["name"] for of in one["spec"]["versions"]}


@pytest.mark.parametrize("name", [name for name in PROGRAMS if bill().manifests[name].objects])
def test_objects_are_taken_as_they_are_vendored(client: Client, name: str) -> None:
    """Webhooks are asked about only: nobody answers them here."""
    for space in {one["metadata"].get("namespace") for one in objects(name)} - {None}:
        client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}})
    for one in objects(name):
        client.apply(one, dry_run=one["kind"].endswith("WebhookConfiguration"))


def live(client: Client, one: Object) -> Object:
    """Once its names are accepted and it is served; the API server checks a schema before that."""
    deadline = time.monotonic() + 30
    while True:
        found = client.get(one) or {}
        said = {of["type"]: of for of in found.get("status", {}).get("conditions") or []}
        if said.get("Established", {}).get("status") == "True":
            assert "NonStructuralSchema" not in said, said["NonStructuralSchema"]["message"]
            return found
        assert time.monotonic() < deadline, said
        time.sleep(0.1)
