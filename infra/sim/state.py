"""What a simulated region is: its folder, its ports, how to reach it."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from infra.home import home

FILE = "sim.json"


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Loopback ports of the servers that others of them, or users, call."""

    etcd: int
    peers: int
    api: int
    controllers: int
    scheduler: int
    operator: int
    kueue: int
    """Whether it is well."""
    webhooks: int
    """Where it is asked about work."""
    gatekeeper: int
    """Whether it is well."""
    admission: int
    """Where it is asked about what its rules are about."""


@dataclass(frozen=True, kw_only=True)
class Sim:
    """One simulated region."""

    name: str
    stack: str
    """The stack whose pools its nodes are of."""
    folder: Path
    ports: Ports
    services: str
    """Range of the cluster's services."""

    @property
    def kubeconfig(self) -> Path:
        """Of its administrator."""
        return self.folder / "kubeconfig"

    @property
    def keys(self) -> Path:
        """Where certificates and keys are."""
        return self.folder / "pki"

    @property
    def programs(self) -> Path:
        """The folder of what keeps its programs running, with their logs."""
        return self.folder / "programs"

    @property
    def server(self) -> str:
        """The API server's address."""
        return f"https://127.0.0.1:{self.ports.api}"

    def save(self) -> None:
        """Write it down, whole or not at all."""
        said: dict[str, Any] = {**asdict(self), "folder": str(self.folder)}
        draft = self.folder / f"{FILE}.new"
        draft.write_text(json.dumps(said, indent=1))
        draft.replace(self.folder / FILE)


def root() -> Path:
    """Where simulated regions are."""
    return home() / "sim"


def folder_of(name: str) -> Path:
    return root() / name


def read(name: str) -> Sim | None:
    """The one of that name, None when there is none or it never came to be."""
    file = folder_of(name) / FILE
    if not file.exists():
        return None
    said = json.loads(file.read_text())
    ports = Ports(**said["ports"])
    return Sim(name=name, stack=said["stack"], folder=file.parent, ports=ports, services=said["services"])


def find(name: str) -> Sim:
    """The one of that name. Raises SIM-001 when there is none."""
    found = read(name)
    if found is None:
        there = ", ".join(sorted(path.parent.name for path in root().glob(f"*/{FILE}"))) or "none"
        raise FalajError("SIM-001", name, f"no simulated region has this name; there is {there}")
    return found
