"""A Pulumi program of the tests' own with an engine home of its own, run with the plan providers."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.rig import BIN


@dataclass(frozen=True)
class Program:
    source: Path
    """Folder with the Pulumi.yaml; a copy of it is run, since the engine writes into it."""
    home: Path
    """A scratch folder: the engine's home, its state and FALAJ_HOME."""
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "FALAJ_HOME": str(self.home / "falaj"),
            "PULUMI_HOME": str(self.home / "pulumi"),
            "PULUMI_BACKEND_URL": f"file://{self.home / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "of a test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            **self.extra,
        }

    @property
    def folder(self) -> Path:
        return self.home / "program"

    def make(self, stack: str, config: Mapping[str, Any]) -> None:
        """A new stack with that configuration."""
        (self.home / "state").mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.source, self.folder, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        (self.folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": dict(config)}))
        self.run("stack", "init", stack)

    def run(self, *arguments: str, exit_code: int | None = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["pulumi", "--non-interactive", "--color=never", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert exit_code is None or done.returncode == exit_code, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done

    def operate(
        self, verb: str, stack: str, *arguments: str, exit_code: int | None = 0
    ) -> subprocess.CompletedProcess[str]:
        """preview, up, refresh or destroy."""
        yes = () if verb == "preview" else ("--yes", "--skip-preview")
        return self.run(verb, *yes, "--stack", stack, *arguments, exit_code=exit_code)

    def state(self, stack: str) -> dict[str, dict[str, Any]]:
        """The stack's resources by name."""
        exported = json.loads(self.run("stack", "export", "--stack", stack).stdout)
        return {item["urn"].rsplit("::", 1)[-1]: item for item in exported["deployment"].get("resources", [])}
