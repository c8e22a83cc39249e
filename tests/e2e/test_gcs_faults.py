"""Ray's head is lost, and what keeps its state: a real head and worker, and Valkey, set as the components set them."""

import shutil
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.ray_cluster_spec import _PATIENCE
from infra.toolchain import VALKEY, in_cache
from tests.e2e.ray_nodes import Nodes, authority, signed
from tests.e2e.valkey import PASSWORD, USER, Valkey

MAKE = """
import os
from ray import serve

@ray.remote(max_restarts=-1, max_task_retries=-1, num_cpus=1)
class Counter:
    def __init__(self):
        self.count = 0
    def add(self):
        self.count += 1
        return [self.count, os.getpid()]

@serve.deployment(ray_actor_options={{"num_cpus": 1}})
class Model:
    def __call__(self, request):
        return os.getpid()

counter = Counter.options(name="counter", lifetime="detached").remote()
serve.start(proxy_location="EveryNode", http_options={{"host": "127.0.0.1", "port": {port}}})
serve.run(Model.bind(), name="model")
answer = ray.get(counter.add.remote())
"""
ASK = """
from ray import serve
counter = ray.get(ray.get_actor("counter").add.remote(), timeout=100)
answer = {"counter": counter, "serve": {name: it.status for name, it in serve.status().applications.items()}}
"""
KNOWN = """
from ray.util import list_named_actors
answer = list_named_actors()
"""
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.long,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(in_cache(VALKEY) is None, reason="`tools/bootstrap --faults` fetches Valkey"),
]


class Rig:
    """All of it, with an actor that counts and a model that is served."""

    def __init__(self, folder: Path) -> None:
        self.pod, self.root = (
            signed(folder / "pod", authority(folder / "ray", "ray")),
            authority(folder / "ca", "cache"),
        )
        self.valkey = Valkey(folder / "v", signed(folder / "cert", self.root))
        self.folder = folder
        self.nodes = self.made(folder / "n")

    def made(self, folder: Path, *, password: str = PASSWORD, trusts: Path | None = None) -> Nodes:
        """Nodes that are not started yet."""
        folder.mkdir()
        cache = {"address": f"rediss://127.0.0.1:{self.valkey.port}", "username": USER, "password": password}
        return Nodes(folder, self.pod, cache, trusts=(trusts or self.root) / "tls.crt", patience=dict(_PATIENCE))

    def served(self) -> str:
        """The process that answers."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.nodes.http}/", timeout=60) as answer:
            return answer.read().decode()

    def known(self) -> Any:
        """What the actor counts and its process, once the head knows of it and has looked after what is served."""

        def all_well() -> Any:
            said = self.nodes.ask(ASK)
            return said and said["serve"] == {"model": "RUNNING"} and said["counter"]

        return until(all_well)


def until(holds: Callable[[], Any], seconds: float = 300) -> Any:
    """What it says once it says something."""
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    return found


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    folder = Path(tempfile.mkdtemp(prefix="falaj-", dir="/tmp"))  # sockets have short names
    made = Rig(folder)
    try:
        made.valkey.start()
        made.nodes.head.start()
        made.nodes.worker.start()
        assert until(lambda: made.nodes.ask(MAKE.format(port=made.nodes.http)))
        yield made
    finally:
        made.nodes.head.kill()
        made.nodes.worker.kill()
        made.valkey.kill()
        shutil.rmtree(folder)


@pytest.mark.parametrize(("wrong", "reason"), [("authority", "CERTIFICATE_VERIFY_FAILED"), ("password", "WRONGPASS")])
def test_a_head_wants_the_right_authority_and_the_right_password(rig: Rig, wrong: str, reason: str) -> None:
    if wrong == "authority":
        nodes = rig.made(rig.folder / wrong, trusts=rig.folder / "ray")
    else:
        nodes = rig.made(rig.folder / wrong, password="another")
    nodes.head.begin()
    assert nodes.head.ends(120)
    assert reason in nodes.head.log()


def test_a_head_that_is_lost_is_followed_by_one_that_knows_all(rig: Rig) -> None:
    (count, process), served = rig.known(), rig.served()
    rig.nodes.head.kill()
    assert rig.served() == served, "what is served asks no head"
    rig.nodes.head.start()
    after = rig.known()
    assert after[0] > count
    assert after[1] == process, "it went on where it was"
    assert rig.served() == served


def test_without_its_cache_a_head_ends_and_the_next_one_waits_for_it(rig: Rig) -> None:
    (count, process), served = rig.known(), rig.served()
    rig.valkey.kill()
    assert rig.nodes.head.ends(60)
    rig.nodes.head.begin()  # as Kubernetes does
    assert not rig.nodes.head.ends(75), "by itself Ray would give up after a minute"
    assert rig.served() == served
    rig.valkey.start()
    after = rig.known()
    assert after[0] > count
    assert after[1] == process
    assert rig.served() == served


def test_a_cache_that_comes_back_empty_is_a_new_cluster(rig: Rig) -> None:
    process = rig.known()[1]
    rig.valkey.kill()
    assert rig.nodes.head.ends(60)
    rig.valkey.start(empty=True)
    rig.nodes.head.start()
    assert rig.nodes.worker.ends(120), "it was another cluster's"
    rig.nodes.worker.start()
    assert rig.nodes.ask(KNOWN) == []
    assert until(lambda: rig.nodes.ask(MAKE.format(port=rig.nodes.http)))
    assert rig.known()[1] != process
