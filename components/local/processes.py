"""The programs a supervisor keeps: register, look at, sweep up.

A program is one JSON file (`Program`) from which supervisord's own configuration is written. Every process descended
from a supervisor carries its folder in the environment, so that nothing it started can be lost sight of.
"""

import hashlib
import http.client
import json
import os
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.request
import xmlrpc.client
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import psutil
from pydantic import BaseModel, ConfigDict
from supervisor.xmlrpc import Faults, SupervisorTransport  # pyright: ignore[reportUnknownVariableType]

from infra.errors import FalajError

SUPERVISOR, PROGRAM = "FALAJ_SUPERVISOR", "FALAJ_PROGRAM"
"""Environment marks: of whom a process descends."""
STOP_SECONDS = 30
ENDINGS = 2
"""Restarts after which a program that does not get well is given up."""
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "USER", "LOGNAME", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""All that a server inherits of the caller's environment; credentials stay out."""

INI = """\
[program:{name}]
command={python} -m components.local.launch {spec}
environment={program_mark}="{folder}:{name}"
directory={folder}
autostart=true
autorestart=true
startsecs={settle_seconds}
startretries=10
stopwaitsecs=10
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={folder}/{name}.log
stdout_logfile_maxbytes={log_max_mib}MB
stdout_logfile_backups={log_backups}
"""
HEALTH_INI = """
[eventlistener:{name}-health]
command={python} -m superlance.httpok --program={name} --timeout=60 {health}
events=TICK_60
autostart=true
autorestart=true
stdout_logfile=NONE
stderr_logfile={folder}/{name}-health.log
stderr_logfile_maxbytes=1MB
stderr_logfile_backups=1
"""


class Program(BaseModel):
    """What to run and how to know that it is well."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    command: list[str]
    environment: dict[str, str]
    secrets: dict[str, str] = {}
    """Environment variables whose values are read from files at start, by name."""
    data_mib: int | None = None
    """Most private memory (RLIMIT_DATA) one of its processes may take, MiB."""
    health: list[str]
    """Every one of these addresses answers 200 when it is well; with none, it is well while it runs."""
    start_seconds: float = 60
    settle_seconds: int = 1
    """One that ends sooner after its start is given up after ten times; with 0, never."""


def runtime(folder: Path) -> Path:
    """A short private folder for sockets, whose paths may have 107 bytes; the same for every call."""
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:8]
    path = Path(tempfile.gettempdir()) / f"falaj-{os.getuid()}-{digest}"
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    about = path.lstat()
    if path.is_symlink() or about.st_uid != os.getuid() or about.st_mode & 0o077:
        raise FalajError("LOC-005", str(path), f"it belongs to user {about.st_uid} with mode {about.st_mode & 0o777:o}")
    return path


def scratch(folder: Path) -> Path:
    """Where everything on the platform puts its temporary files: private, and gone with the platform."""
    path = runtime(folder) / "tmp"
    path.mkdir(exist_ok=True, mode=0o700)
    return path


def socket(folder: Path) -> Path:
    """Where the supervisor listens."""
    return runtime(folder) / "supervisor.sock"


def environment(folder: Path) -> dict[str, str]:
    """The environment a supervisor starts with."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "TMPDIR": str(scratch(folder)), SUPERVISOR: str(folder)}


def alive(folder: Path) -> bool:
    """Whether the supervisor answers."""
    try:
        return _supervisor(folder).supervisor.getState()["statename"] == "RUNNING"
    except (OSError, xmlrpc.client.Error, http.client.HTTPException):
        return False


def shut_down(folder: Path) -> None:
    """Stop every program, then the supervisor."""
    if not alive(folder):
        return
    with suppress(OSError, xmlrpc.client.Error, http.client.HTTPException):
        _supervisor(folder).supervisor.shutdown()
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and descendants(folder):
        time.sleep(0.1)


def configure(folder: Path) -> None:
    """Write supervisord's files of all programs from their specifications."""
    limits = json.loads((folder / "limits.json").read_text())
    for spec in (folder / "programs").glob("*.json"):
        program = Program.model_validate_json(spec.read_text())
        text = (INI + HEALTH_INI if program.health else INI).format(
            name=program.name,
            python=sys.executable,
            spec=spec,
            folder=folder,
            program_mark=PROGRAM,
            health=next(iter(program.health), ""),
            settle_seconds=program.settle_seconds,
            **limits,
        )
        spec.with_suffix(".ini").write_text(text)


def run(folder: Path, *programs: Program) -> None:
    """Have the programs running as specified and healthy, all begun at once. LOC-006 when one does not get there."""
    for program in [one for one in programs if _begun(folder, one)]:
        _await(folder, program)
        if program.health:
            _supervisor(folder).supervisor.addProcessGroup(f"{program.name}-health")


def _begun(folder: Path, program: Program) -> bool:
    """Start it, unless it runs as specified."""
    spec = folder / "programs" / f"{program.name}.json"
    text = program.model_dump_json(indent=1)
    if spec.exists() and spec.read_text() == text and status(folder, program)[0] == "running":
        return False
    remove(folder, program.name)
    spec.write_text(text)
    configure(folder)
    supervisor = _supervisor(folder).supervisor
    supervisor.reloadConfig()
    supervisor.addProcessGroup(program.name)
    return True


def _await(folder: Path, program: Program) -> None:
    """Wait until it answers; give up when it does not in its time, or keeps ending."""
    deadline, pids = time.monotonic() + program.start_seconds, set[int]()
    while (now := status(folder, program))[0] != "running":
        pids |= {now[1]} - {0}
        if time.monotonic() > deadline or len(pids) > ENDINGS:
            log = folder / f"{program.name}.log"
            words = [line for line in log.read_text(errors="replace").splitlines() if "Error" in line][-1:] or ["none"]
            why = f"it is {now[0]} after {len(pids) - 1} restarts; last error in {log}: {words[0].strip()}"
            raise FalajError("LOC-006", program.name, why)
        time.sleep(0.1)


def remove(folder: Path, name: str) -> None:
    """Stop the program and forget it; nothing of it is left running."""
    for suffix in (".json", ".ini"):
        (folder / "programs" / name).with_suffix(suffix).unlink(missing_ok=True)
    if alive(folder):
        supervisor = _supervisor(folder).supervisor
        for group in (f"{name}-health", name):
            _forget(folder, group)
        supervisor.reloadConfig()
    sweep(folder, name)


def _forget(folder: Path, group: str) -> None:
    """Stop and remove the group, again when its restart fell between the two."""
    supervisor, deadline = _supervisor(folder).supervisor, time.monotonic() + STOP_SECONDS
    while True:
        try:
            supervisor.stopProcessGroup(group)
            supervisor.removeProcessGroup(group)
            return
        except xmlrpc.client.Fault as fault:
            if fault.faultCode == Faults.BAD_NAME:
                return
            if fault.faultCode != Faults.STILL_RUNNING or time.monotonic() > deadline:
                raise FalajError(
                    "LOC-006", group, f"the supervisor does not let go of it: {fault.faultString}"
                ) from fault


def status(folder: Path, program: Program) -> tuple[str, int]:
    """(state, pid). `running` means that it answers; anything else says what is wrong."""
    try:
        info = cast(dict[str, Any], _supervisor(folder).supervisor.getProcessInfo(program.name))
    except xmlrpc.client.Fault:
        return "unknown to the supervisor", 0
    except (OSError, http.client.HTTPException):
        return "without a supervisor", 0
    if info["statename"] != "RUNNING":
        return str(info["statename"]).lower(), int(info["pid"])
    return ("running" if all(map(_answers, program.health)) else "unresponsive"), int(info["pid"])


def descendants(folder: Path, name: str | None = None) -> list[psutil.Process]:
    """The live processes that descend from the supervisor, or from one of its programs."""
    mark, value = (PROGRAM, f"{folder}:{name}") if name else (SUPERVISOR, str(folder))
    marked = [process for process in psutil.process_iter() if _has(process, mark, value)]
    found = {process.pid: process for process in marked}
    for process in marked:
        with suppress(psutil.Error):  # one that renamed itself may have overwritten its environment
            found |= {child.pid: child for child in process.children(recursive=True)}
    found.pop(os.getpid(), None)
    return list(found.values())


def sweep(folder: Path, name: str | None = None) -> None:
    """Kill what descends from the supervisor (or one program) and outlived it."""
    left = descendants(folder, name)
    for process in left:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, timeout=STOP_SECONDS)


def holder(folder: Path, port: int) -> str | None:
    """Who listens on the port, other than the supervisor's own; None when it is free."""
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and cast(Any, connection.laddr).port == port:
            if connection.pid is None:
                return "a process of another user"
            with suppress(psutil.Error):
                process = psutil.Process(connection.pid)
                if not any(_has(one, SUPERVISOR, str(folder)) for one in (process, *process.parents())):
                    return f"{process.name()} (pid {process.pid})"
    return None


def clear_runtime(folder: Path) -> None:
    """Remove the sockets' folder."""
    shutil.rmtree(runtime(folder), ignore_errors=True)


def _has(process: psutil.Process, mark: str, value: str) -> bool:
    with suppress(psutil.Error, OSError):
        return process.environ().get(mark) == value
    return False


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:  # noqa: S310 - our own loopback addresses
            return answer.status == http.HTTPStatus.OK
    except (OSError, urllib.error.URLError, http.client.HTTPException):
        return False


def _supervisor(folder: Path) -> Any:
    transport = SupervisorTransport(None, None, f"unix://{socket(folder)}")
    return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=cast(xmlrpc.client.Transport, transport))
