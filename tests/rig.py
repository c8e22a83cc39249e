"""A platform of the tests' own: its own state folder, stack file and ports, so that a user's platform is left alone."""

import contextlib
import json
import os
import random
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import yaml

from components.local import processes
from infra.home import PROJECT

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Platform:
    home: Path
    stacks: Path
    ports: dict[str, int]

    @property
    def environment(self) -> dict[str, str]:
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        return {**os.environ, "FALAJ_HOME": str(self.home), "FALAJ_STACKS": str(self.stacks), "PATH": path}

    @property
    def file(self) -> Path:
        return self.stacks / "Pulumi.local.yaml"

    @property
    def supervisor(self) -> Path:
        return self.home / "local" / "supervisor"

    def falaj(self, *arguments: str, exit_code: int | None = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["falaj", *arguments], env=self.environment, capture_output=True, text=True, timeout=280, check=False
        )
        assert exit_code is None or done.returncode == exit_code, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done

    def json(self, *arguments: str, exit_code: int | None = 0) -> dict[str, Any]:
        return json.loads(self.falaj(*arguments, "--json", exit_code=exit_code).stdout)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["falaj", *arguments], env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def pulumi(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**self.environment, **self.json("env", "local")}
        command = ["pulumi", "--non-interactive", "--color=never", *arguments]
        return subprocess.run(
            command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=280, check=False
        )

    def edit(self, section: str, **changes: Any) -> str:
        """Change a section of the stack file; returns its former text."""
        former = self.file.read_text()
        document = yaml.safe_load(former)
        config = document["config"]
        if isinstance(config.get(f"falaj:{section}"), dict):
            config[f"falaj:{section}"] |= changes
        else:
            config[f"falaj:{section}"] = changes[section]
        self.file.write_text(yaml.safe_dump(document))
        return former

    def pid(self, server: str) -> int:
        return next(item["pid"] for item in self.json("status", exit_code=None)["servers"] if item["name"] == server)

    def own_processes(self) -> list[psutil.Process]:
        return processes.descendants(self.supervisor)


def free_ports(count: int) -> list[int]:
    """Free ports, above those Ray gives its workers (to 19999) and below those the kernel gives out (from 32768)."""
    found: list[int] = []
    for port in random.sample(range(20_000, 32_000), 50 * count):
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            break
    return found


def make_platform(folder: Path) -> Platform:
    names = ("decision", "tracking", "ray", "dashboard_port", "agent_port", "client_port", "serve_port")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    document = yaml.safe_load((PROJECT / "stacks" / "Pulumi.local.yaml").read_text())
    config = document["config"]
    for server in ("decision", "tracking", "ray"):
        config[f"falaj:{server}"]["port"] = ports[server]
    config["falaj:ray"] |= {name: port for name, port in ports.items() if name.endswith("_port")}
    stacks = folder / "stacks"
    stacks.mkdir(parents=True)
    platform = Platform(folder / "home", stacks, ports)
    platform.file.write_text(yaml.safe_dump(document))
    return platform
