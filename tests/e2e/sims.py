"""Simulated regions of the tests' own."""

import json
import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.cli.sim.deploy import deployed
from infra.cli.sim.destroy import destroyed
from infra.home import PROJECT
from infra.plan.cluster.client import Client
from infra.plan.cluster.config import Config
from tests.rig import BIN


class Sims:
    """`falaj sim` with a state folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {**os.environ, "FALAJ_HOME": str(home)}

    def run(self, *arguments: str, exit_code: int = 0) -> dict[str, Any]:
        done = subprocess.run(
            [BIN / "falaj", "sim", *arguments, "--json"],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == exit_code, f"{arguments}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout)

    def client(self, name: str) -> Client:
        return Client(Config.load(Path(self.run("kubeconfig", name)["kubeconfig"])))

    def pids(self, name: str) -> dict[str, int]:
        return {one["name"]: one["pid"] for one in self.run("status", name)["programs"]}


@contextmanager
def standing(factory: pytest.TempPathFactory, stack: str, *options: str, name: str = "") -> Generator[Sims]:
    """The stack's region, up with these options, and gone afterwards."""
    made = Sims(factory.mktemp("sims"))
    named = ("--name", name) if name else ()
    try:
        made.run("up", stack, *named, *options)
        yield made
    finally:
        made.run("down", name or stack)


@contextmanager
def programmed(sims: Sims, stack: str, program: Path, space: str, stacks: Path) -> Generator[Client]:
    """The region with a program of a test's on it, in whose namespace is the token of Ray's; and without it again."""
    document = yaml.safe_load((PROJECT / "stacks" / f"Pulumi.{stack}.yaml").read_text())
    document["config"]["falaj:profile"] = "dev"  # nothing looks at signatures there
    (stacks / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump(document))
    there = (stack, sims.home / "sim" / stack, Path(sims.run("kubeconfig", stack)["kubeconfig"]), True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FALAJ_STACKS", str(stacks))
        client = sims.client(stack)
        token: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "token", "namespace": space},
        }
        client.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": space}})
        client.apply({**token, "stringData": {"auth_token": "said by every call"}})
        deployed(*there, project=program)
        yield client
        destroyed(*there)
