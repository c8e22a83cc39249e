"""Simulated regions of the tests' own."""

import json
import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

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
