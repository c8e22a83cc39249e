"""Heads and workers of Ray on loopback, set as the component and KubeRay's operator set their pods, and their loss."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from components.kubernetes.ray_tls import ENVIRONMENT, SCRIPT
from tests.rig import BIN, free_ports

HERE = "127.0.0.1"
# `ray start` takes this address for the machine's outer one, unless there is to be one node only: it is told here.
_START = f"""
from ray._private import services
services.get_node_ip_address = lambda address=None: "{HERE}"
from ray.scripts.scripts import main
main()
"""


def authority(folder: Path, name: str) -> Path:
    """Its key and certificate, as cert-manager makes them: `tls.key`, `tls.crt`."""
    folder.mkdir()
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "730"]
    where = ["-subj", f"/CN={name}", "-keyout", folder / "tls.key", "-out", folder / "tls.crt"]
    subprocess.run([*made, *where], check=True, capture_output=True)
    return folder


def signed(folder: Path, by: Path) -> Path:
    """What the init container of a pod at this address makes: `tls.key`, `tls.crt`, `ca.crt`."""
    folder.mkdir()
    said = {"AUTHORITY": str(by), "FOLDER": str(folder), "HEAD": "", "POD_IP": HERE, "POD_NAME": "pod"}
    subprocess.run(["/bin/sh", "-c", SCRIPT], env={**os.environ, **said}, check=True, capture_output=True)
    return folder


class Node:
    """A node of Ray, that is a container of a pod: when its `ray start` ends, all of it is gone."""

    def __init__(self, folder: Path, pod: Path, arguments: list[str], environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, {**_environment(pod), **environment}
        agent, metrics = free_ports(2)
        self._command = [
            "--block",
            f"--node-ip-address={HERE}",
            f"--temp-dir={folder}",
            "--object-store-memory=80000000",
        ]
        self._command += ["--memory=1500000000", "--min-worker-port=0", "--max-worker-port=0", "--num-gpus=0"]
        self._command += [f"--dashboard-agent-listen-port={agent}", f"--metrics-export-port={metrics}", *arguments]
        self._said = folder.parent / f"{folder.name}.log"
        self._process: psutil.Popen | None = None

    def start(self, seconds: float = 300) -> None:
        """And wait until it says that it runs."""
        began = time.monotonic()
        self.begin()
        while "Ray runtime started" not in self.log():
            assert time.monotonic() - began < seconds, self.log()
            if not self.runs():  # Ray gives its own processes thirty seconds, too few on a machine that is busy
                self.kill()
                self.begin()
            time.sleep(0.2)

    def begin(self) -> None:
        """As the container is started; whether it comes to run is another matter."""
        # By this file and the worker's process Ray would think that a head is there; those are two machines.
        (self.folder / "ray_current_cluster").unlink(missing_ok=True)
        with self._said.open("w") as log:
            command = [sys.executable, "-uc", _START, "start", *self._command]
            self._process = psutil.Popen(command, env=self.environment, stdout=log, stderr=log, start_new_session=True)

    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ends(self, seconds: float) -> bool:
        """Whether it ends by itself in that time."""
        began = time.monotonic()
        while self.runs() and time.monotonic() - began < seconds:
            time.sleep(0.2)
        if ended := not self.runs():
            self.kill()
        return ended

    def kill(self) -> None:
        """At once and whole, as when its machine is lost."""
        found = [one for one in psutil.process_iter() if self._process and _session(one) == self._process.pid]
        for one in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        psutil.wait_procs(found, 10)

    def log(self) -> str:
        return self._said.read_text(errors="replace")


class Nodes:
    """A head whose state is kept outside, at one address, and a worker that waits for it when it is lost."""

    def __init__(
        self, folder: Path, pod: Path, cache: dict[str, str], *, trusts: Path, patience: dict[str, str]
    ) -> None:
        """`cache`: address, username, password. `trusts`: the authority that is in the image."""
        self.port, client, self.http = free_ports(3)
        head = ["--head", f"--port={self.port}", "--include-dashboard=false", "--num-cpus=0"]
        head += [f"--ray-client-server-port={client}"]
        head += [f"--redis-username={cache['username']}", f"--redis-password={cache['password']}"]
        kept = {
            "RAY_REDIS_ADDRESS": cache["address"],
            "RAY_external_storage_namespace": "0bd1ae2c-uid-of-the-raycluster",
            "RAY_gcs_server_request_timeout_seconds": "5",
            "SSL_CERT_FILE": str(trusts),
            **patience,
        }
        self.head = Node(folder / "h", pod, head, kept)
        worker = [f"--address={HERE}:{self.port}", "--num-cpus=4"]
        self.worker = Node(folder / "w", pod, worker, {"RAY_gcs_rpc_server_reconnect_timeout_s": "600"})
        self._environment = {**_environment(pod), "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}

    def ask(self, program: str, seconds: float = 120) -> Any:
        """What a driver's `answer` is, or None when it fails."""
        begin = f"import ray; ray.init('{HERE}:{self.port}', namespace='faults', _node_ip_address='{HERE}', "
        begin += "logging_level='ERROR', log_to_driver=False)\n"
        end = "\nimport json; print('answer', json.dumps(answer))"
        command = [sys.executable, "-c", f"{begin}{program}{end}"]
        try:
            done = subprocess.run(
                command, env=self._environment, capture_output=True, text=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired:
            return None
        found = [line for line in done.stdout.splitlines() if line.startswith("answer ")]
        return json.loads(found[-1].removeprefix("answer ")) if found else None


def _session(process: psutil.Process) -> int | None:
    """What a process keeps, however it is called and whoever outlives whom."""
    try:
        return os.getsid(process.pid)
    except OSError:
        return None


def _environment(pod: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    files = {name: value.replace("/etc/ray/tls", str(pod)) for name, value in ENVIRONMENT.items()}
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0" * 32}
    here = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_SERVE_ENABLE_HA_PROXY": "0", "PATH": f"{BIN}:{os.environ['PATH']}"}
    return {**kept, **files, **token, **here}
