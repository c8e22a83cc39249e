"""What registries have, and copies between them, by the program `crane`; its logins are those of `docker login`."""

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from infra.errors import FalajError
from infra.home import PROJECT
from infra.toolchain import MIRROR, choose

_NOT_THERE = re.compile(r"MANIFEST_UNKNOWN|NAME_UNKNOWN|\b404 Not Found")


@dataclass(frozen=True)
class Crane:
    """Each call raises MIR-003 when a registry does not answer or refuses."""

    program: Path

    @classmethod
    def found(cls) -> "Crane":
        """The one on PATH, or ours. Raises MIR-001 when there is none."""
        found = choose(MIRROR, PROJECT / ".venv/bin", {})
        if found is None:
            raise FalajError("MIR-001", "crane", f"neither on PATH ({MIRROR.minimum} or newer) nor built")
        return cls(found.path)

    def digest(self, address: str) -> str | None:
        """Of what an address names; None where nothing is there."""
        answer = self._asked("digest", address)
        return answer.strip() if answer is not None else None

    def platforms(self, address: str) -> dict[str, str]:
        """{digest: platform} of an index; nothing of a single image."""
        listed = json.loads(self._asked("manifest", address) or "{}").get("manifests", [])
        return {one["digest"]: _platform(one.get("platform", {})) for one in listed}

    def copy(self, source: str, target: str) -> None:
        """All platforms; what the target has of it is not sent again."""
        self._run("copy", source, target)

    def pull(self, source: str, folder: Path) -> None:
        """All platforms, into an OCI layout; what the folder has of it is not fetched again."""
        self._run("pull", "--format=oci", source, str(folder))

    def push(self, folder: Path, target: str) -> None:
        """The one image of an OCI layout."""
        self._run("push", str(folder), target)

    def _run(self, *arguments: str) -> None:
        if self._asked(*arguments) is None:
            raise FalajError("MIR-003", arguments[-2], "it is not there")

    def _asked(self, *arguments: str) -> str | None:
        done = subprocess.run([self.program, *arguments], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout
        last = (done.stderr.strip().splitlines() or ["crane ended without a word"])[-1]
        if _NOT_THERE.search(last):
            return None
        raise FalajError("MIR-003", arguments[-1], last.removeprefix("Error: "))


def _platform(said: dict[str, str]) -> str:
    return "/".join(said[key] for key in ("os", "architecture", "variant") if key in said)
