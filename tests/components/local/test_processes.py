"""A real supervisor with a small server of the tests' own."""

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from components.local import processes
from components.local.processes import Program
from components.local.supervisor import SupervisorInputs, SupervisorKind
from infra.errors import FalajError
from tests.rig import free_ports


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    inputs = SupervisorInputs(path=str(tmp_path / "supervisor"), log_max_mib=1, log_backups=1)
    os.environ["AWS_SECRET_ACCESS_KEY"] = "canary"
    try:
        SupervisorKind().create(inputs)
        yield tmp_path / "supervisor"
    finally:
        del os.environ["AWS_SECRET_ACCESS_KEY"]
        SupervisorKind().delete(inputs)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    port, secret = free_ports(1)[0], tmp_path / "secret"
    secret.write_text("s3cret")
    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    return Program(
        name="web",
        command=command,
        environment={"GIVEN": "yes"},
        secrets={"TOKEN": str(secret)},
        health=[f"http://127.0.0.1:{port}/"],
        start_seconds=30,
    )


def port_of(program: Program) -> int:
    return int(program.command[-1])


def test_a_program_runs_is_restarted_and_removed(folder: Path, program: Program) -> None:
    assert processes.status(folder, program) == ("unknown to the supervisor", 0)
    processes.run(folder, program)
    state, pid = processes.status(folder, program)
    assert state == "running"
    processes.run(folder, program)
    assert processes.status(folder, program)[1] == pid, "what runs as specified is left alone"

    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while processes.status(folder, program) in (("running", pid), ("running", 0)) or (
        processes.status(folder, program)[0] != "running" and time.monotonic() < deadline
    ):
        time.sleep(0.1)
    assert processes.status(folder, program)[1] != pid

    processes.remove(folder, "web")
    assert processes.descendants(folder, "web") == []
    assert processes.holder(folder, port_of(program)) is None


def test_a_restart_between_stop_and_removal_is_met(
    folder: Path, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes.run(folder, program)
    real, restarts = processes._supervisor(folder), [1]  # pyright: ignore[reportPrivateUsage]

    class Restarting:
        """A supervisor that starts the program again just after it was told to stop it."""

        supervisor = property(lambda self: self)

        def __getattr__(self, name: str) -> Any:
            def call(*arguments: Any) -> Any:
                result = getattr(real.supervisor, name)(*arguments)
                if name == "stopProcessGroup" and arguments == ("web",) and restarts:
                    real.supervisor.startProcessGroup("web", bool(restarts.clear()))
                return result

            return call

    def restarting(_: Path) -> Restarting:
        return Restarting()

    monkeypatch.setattr(processes, "_supervisor", restarting)
    processes.remove(folder, "web")
    assert not restarts
    assert processes.status(folder, program) == ("unknown to the supervisor", 0)


def test_a_program_gets_its_secrets_and_no_credentials(folder: Path, program: Program) -> None:
    processes.run(folder, program)
    environment = psutil.Process(processes.status(folder, program)[1]).environ()
    assert environment["TOKEN"] == "s3cret"
    assert environment["GIVEN"] == "yes"
    assert environment[processes.SUPERVISOR] == str(folder)
    assert "AWS_SECRET_ACCESS_KEY" not in environment
    assert "s3cret" not in "".join(file.read_text() for file in folder.rglob("*") if file.is_file())


def test_its_own_port_is_not_taken_a_foreign_one_is(folder: Path, program: Program) -> None:
    processes.run(folder, program)
    assert processes.holder(folder, port_of(program)) is None
    with socket.socket() as foreign:
        foreign.bind(("127.0.0.1", 0))
        foreign.listen()
        holder = processes.holder(folder, foreign.getsockname()[1])
    assert holder is not None
    assert f"(pid {os.getpid()})" in holder


def test_a_program_that_keeps_ending_is_given_up_with_its_last_words(folder: Path, program: Program) -> None:
    broken = program.model_copy(update={"command": [sys.executable, "-c", "raise SystemError('no luck')"]})
    with pytest.raises(FalajError, match=r"FALAJ-LOC-006 web: .*SystemError: no luck"):
        processes.run(folder, broken)


def test_orphans_of_a_killed_supervisor_are_swept(folder: Path, program: Program) -> None:
    processes.run(folder, program)
    orphan = processes.status(folder, program)[1]
    os.kill(int((folder / "supervisord.pid").read_text()), signal.SIGKILL)
    time.sleep(0.2)
    assert psutil.pid_exists(orphan)
    assert processes.status(folder, program) == ("without a supervisor", 0)
    processes.sweep(folder)
    assert not psutil.pid_exists(orphan)


def test_a_foreign_sockets_folder_is_refused(tmp_path: Path) -> None:
    path = processes.runtime(tmp_path)
    path.chmod(0o755)
    try:
        with pytest.raises(FalajError, match="FALAJ-LOC-005"):
            processes.runtime(tmp_path)
    finally:
        path.rmdir()
