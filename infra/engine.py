"""Pulumi's engine for one stack: its environment, its lock, recovery after a crash, and its operations."""

import fcntl
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from infra.errors import FalajError
from infra.home import PROJECT, home
from infra.settings import stack_file

if TYPE_CHECKING:
    from pulumi.automation import Stack
    from pulumi.automation.events import EngineEvent

MARK = "FALAJ_RUN"
"""Environment mark of an engine that `falaj` started, and of everything the engine started."""
PACK = PROJECT / "policies"
STAND_INS = "PULUMI_DEBUG_PROVIDERS"
"""What makes the engine ask the plan providers (`infra.plan`) in place of the clouds' own."""
_VERDICT = re.compile(r"\b(update|preview|destroy) failed\s*$")
"""What the engine ends with whatever went wrong; with a policy's refusal it is all it says."""
OnEvent = Callable[["EngineEvent"], Any]


@dataclass(frozen=True)
class Preview:
    """A plan in the engine's own JSON, and whether the engine found nothing against it."""

    json: dict[str, Any]
    clean: bool

    def require_clean(self, stack: str) -> None:
        """RUN-002 when the engine ended with an error that it did not tell; its own pack may have refused."""
        if not self.clean:
            raise FalajError(
                "RUN-002", f"stack {stack}", "its preview failed without a word; `falaj gate log` may have it"
            )


@dataclass(frozen=True)
class Engine:
    """The engine, for the stack of that name."""

    stack: str
    home: Path = field(default_factory=home)
    """Where its state is; a plan of `falaj plan` has a throw-away one."""
    project: Path = PROJECT
    """The folder of its Pulumi.yaml."""
    added: Mapping[str, str] = field(default_factory=dict[str, str])
    """Added to the engine's environment: the plan providers. With them nothing is applied, unless it is simulated."""
    simulated: bool = False
    """Whether it applies with the plan providers and with nothing else: onto a simulated region."""

    @property
    def folder(self) -> Path:
        """State of the stack's parts."""
        return self.home / self.stack

    @property
    def passphrase_file(self) -> Path:
        """Opens the stack's secrets and its key ring."""
        return self.home / "passphrase"

    @property
    def config_file(self) -> Path:
        """The stack file plus this machine's encryption salt, which does not belong into the tracked file."""
        return self.folder / "engine" / f"Pulumi.{self.stack}.yaml"

    @property
    def checkpoint(self) -> Path:
        """The stack's state."""
        return self.home / "state" / ".pulumi" / "stacks" / "falaj" / f"{self.stack}.json"

    @property
    def platform_file(self) -> Path:
        """What workloads are told of the stack."""
        return self.folder / "platform.json"

    def environment(self) -> dict[str, str]:
        """What `pulumi` needs to find this stack's state, its tools and its passphrase."""
        tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        return {
            "PATH": tools,
            "FALAJ_HOME": str(self.home),
            "PULUMI_HOME": str(self.home / "pulumi"),
            "PULUMI_BACKEND_URL": f"file://{self.home / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(self.passphrase_file),
            "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            **self.added,
        }

    @contextmanager
    def locked(self) -> Generator[None]:
        """Hold the stack: RUN-001 when another run does. A killed run's lock is gone with it."""
        private_folder(self.home)
        with exclusive(self.home / f"{self.stack}.lock", f"stack {self.stack}"):
            yield

    def prepare(self) -> None:
        """Make what is missing and mend what a killed run left."""
        for folder in (self.home / "state", self.home / "pulumi", self.folder, self.config_file.parent):
            private_folder(folder)
        self._ensure_passphrase()
        self._recover()
        self._write_config()

    def select(self) -> "Stack":
        """The stack, for Pulumi's Automation API."""
        from pulumi.automation import LocalWorkspace

        from infra.stack import QuietStack

        os.environ["PATH"] = self.environment()["PATH"]  # the Automation API looks its command up before it is told
        if not shutil.which("pulumi"):
            raise FalajError("TOOL-001", "pulumi", "it is not on PATH", "Run `make up`, which builds what is missing.")
        workspace = LocalWorkspace(work_dir=str(self.project), env_vars={**self.environment(), MARK: self._mark})
        return QuietStack.select(self.stack, workspace)

    def exists(self) -> bool:
        """Whether the stack has a state."""
        return self.checkpoint.exists()

    def require_up(self) -> None:
        """RUN-003 unless the stack has been stood up and not been destroyed since."""
        if not (self.platform_file.exists() and self.exists() and self.outputs()):
            raise FalajError("RUN-003", f"stack {self.stack}", "it is not up", f"Run `falaj up {self.stack}` first.")

    def plan(self) -> Preview:
        """What an `up` would do, judged by the policy pack: `pulumi preview --json`. Nothing is touched."""
        done = self._run(
            *("preview", "--json", "--show-sames", "--show-reads", "--stack", self.stack),
            *("--config-file", str(self.config_file), "--policy-pack", str(PACK)),
        )
        try:
            preview: dict[str, Any] = json.loads(done.stdout)
        except json.JSONDecodeError as error:
            raise self._explained(done.stderr + done.stdout) from error
        told: list[dict[str, Any]] = preview.get("diagnostics") or []
        wrong = [str(item.get("message")) for item in told if item.get("severity") == "error"]
        if wrong := [text for text in wrong if not _VERDICT.search(text)]:
            raise self._explained("\n".join(f"error: {text}" for text in wrong))
        return Preview(preview, done.returncode == 0)

    def state(self) -> dict[str, Any]:
        """The stack's state, as the engine exports it; secrets in it are sealed."""
        return self._state() if self.exists() else {}

    def adopt(self, resources: list[dict[str, Any]]) -> None:
        """Take these for what exists already, as an exported state has them; for a throw-away home."""
        state = json.loads(self.checkpoint.read_text())
        state["checkpoint"]["latest"]["resources"] = resources
        replace(self.checkpoint, json.dumps(state))

    def unprotect(self, urns: Iterable[str] = ("--all",)) -> None:
        """Let these be deleted, or everything; for a destroy that was approved."""
        for what in urns:
            self._pulumi("state", "unprotect", what, "--yes", "--stack", self.stack, cwd=self.project)

    def up(self, on_event: OnEvent) -> None:
        """Apply, judged by the policy pack."""
        self._operate("up", on_event, policy_packs=[str(PACK)])

    def destroy(self, on_event: OnEvent, targets: Sequence[str] = ()) -> None:
        """Take these away, by their URNs; without any everything, the stack's state too."""
        if targets:
            return self._operate("destroy", on_event, target=list(targets))
        self._operate("destroy", on_event)
        return self.select().workspace.remove_stack(self.stack, force=True, preserve_config=True)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs. Read from its state: `pulumi stack output` would write the salt into the stack file."""
        resources: list[dict[str, Any]] = self._state().get("resources", [])
        empty: dict[str, Any] = {}
        stack = next((item for item in resources if item["type"] == "pulumi:pulumi:Stack"), empty)
        return stack.get("outputs", empty)

    @property
    def _mark(self) -> str:
        return f"{self.home}:{self.stack}"

    def _operate(self, verb: str, on_event: OnEvent, **options: Any) -> None:
        from pulumi.automation.errors import CommandError

        own = self.added.get(STAND_INS, "")
        if self.simulated and not own:
            raise FalajError("PLAN-001", f"stack {self.stack}", f"{verb} of a simulated region was given none")
        if not self.simulated and (given := own or os.environ.get(STAND_INS, "")):
            raise FalajError("PLAN-001", f"stack {self.stack}", f"{verb} was given {STAND_INS}={given}")
        try:
            getattr(self.select(), verb)(on_event=on_event, config_file=str(self.config_file), color="never", **options)
        except CommandError as error:
            raise self._explained(str(error)) from error

    def _explained(self, text: str) -> FalajError:
        if found := FalajError.from_text(text):
            return found
        if "incorrect passphrase" in text:
            return FalajError("CFG-007", str(self.passphrase_file), "it is not the passphrase the stack was made with")
        if "currently locked by" in text:
            found = re.search("created by .*", text)
            held = found[0] if found else "by whom is not said"
            fix = f"Wait for it to end; if it is dead, `pulumi cancel --stack {self.stack}`."
            return FalajError("RUN-001", f"stack {self.stack}", f"its state is locked, {held}", fix)
        if "no space left on device" in text.lower():
            return FalajError("RUN-004", str(self.home), "the engine could not write its state")
        log = home() / self.stack / "logs" / "engine.log"  # what is said of a throw-away home is kept here too
        private_folder(log.parent)
        log.write_text(text)
        said = [line.strip() for line in text.splitlines() if re.search(r"^\s*(error|[\w.]*(Error|Exception)):", line)]
        said = [line for line in said if not _VERDICT.search(line) and not line.endswith("unhandled exception:")]
        return FalajError(
            "RUN-002", f"stack {self.stack}", f"{said[-1] if said else 'the engine stopped'} (all of it: {log})"
        )

    def _ensure_passphrase(self) -> None:
        """Make one for the first stack; never for a stack that was made with another."""
        if self.passphrase_file.exists():
            return
        if self.exists():
            raise FalajError("CFG-007", str(self.passphrase_file), "it is missing, and the stack was made with one")
        replace(self.passphrase_file, secrets.token_urlsafe(32))

    def _write_config(self) -> None:
        """The tracked stack file, with the salt of this machine's passphrase instead of its own."""
        if not self.exists():
            self._initialize()
        salt = self._state()["secrets_providers"]["state"]["salt"]
        lines = self._settings().splitlines()
        theirs = ("encryptionsalt:", "secretsprovider:", "encryptedkey:") if self.added else ("encryptionsalt:",)
        settings = [line for line in lines if not line.startswith(theirs)]
        self.config_file.write_text("\n".join([*settings, f"encryptionsalt: {salt}", ""]))

    def _settings(self) -> str:
        """The stack file's text."""
        return stack_file(self.stack).read_text()

    def _initialize(self) -> None:
        """Make the stack in a project of its own, so that its salt is not written into the tracked file."""
        aside = self._aside("init")
        (aside / f"Pulumi.{self.stack}.yaml").unlink(missing_ok=True)
        self._pulumi("stack", "init", self.stack, cwd=aside)

    def _aside(self, name: str) -> Path:
        """A project without a program, for commands that write into their project's stack file."""
        folder = self.config_file.parent / name
        private_folder(folder)
        (folder / "Pulumi.yaml").write_text("name: falaj\nruntime: python\n")
        return folder

    def _state(self) -> dict[str, Any]:
        return json.loads(self.checkpoint.read_text())["checkpoint"]["latest"]

    def _recover(self) -> None:
        """End what a killed run left: its engine, the engine's lock, resources it had begun to make."""
        self._end_ours()
        for lock in (self.home / "state" / ".pulumi" / "locks").rglob(f"falaj/{self.stack}/*.json"):
            self._break(lock)
        if self.exists() and '"pending_operations"' in (text := self.checkpoint.read_text()):
            state = json.loads(text)
            # Every verb of our provider adopts what is half done, so what was pending is simply done again.
            state["checkpoint"]["latest"].pop("pending_operations", None)
            replace(self.checkpoint, json.dumps(state, indent=4))

    def _end_ours(self) -> None:
        left = [process for process in psutil.process_iter() if self._is_ours(process)]
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=10)

    def _break(self, lock: Path) -> None:
        """Remove the lock of a dead engine; RUN-001 when the engine lives."""
        held = json.loads(lock.read_text() or "{}")
        pid, here = int(held.get("pid") or 0), held.get("hostname") in (socket.gethostname(), None)
        if not here or _is_engine(pid):
            who = f"pulumi (pid {pid} on {held.get('hostname')}, since {held.get('timestamp')})"
            raise FalajError("RUN-001", f"stack {self.stack}", f"{who} holds it")
        lock.unlink(missing_ok=True)

    def _is_ours(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error, OSError):
            return process.environ().get(MARK) == self._mark and process.pid != os.getpid()
        return False

    def _pulumi(self, *arguments: str, cwd: Path) -> str:
        done = self._run(*arguments, cwd=cwd)
        if done.returncode:
            raise self._explained(done.stderr)
        return done.stdout

    def _run(self, *arguments: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        command = ["pulumi", "--non-interactive", "--color=never", *arguments]
        environment = {**os.environ, **self.environment(), MARK: self._mark}
        try:
            return subprocess.run(
                command, cwd=cwd or self.project, env=environment, capture_output=True, text=True, check=False
            )
        except FileNotFoundError as error:
            raise FalajError("TOOL-001", "pulumi", "it is not on PATH") from error


def _is_engine(pid: int) -> bool:
    """Whether that process is an engine that works; one that was killed may stay a zombie for a while."""
    try:
        process = psutil.Process(pid)
        return pid > 0 and "pulumi" in process.name() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def private_folder(path: Path) -> None:
    """The folder, readable by its owner only; RUN-008 when it cannot be made."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise FalajError("RUN-008", str(path), f"{error.strerror}") from error


def replace(path: Path, text: str) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(text)
    new.rename(path)


@contextmanager
def exclusive(lock: Path, what: str) -> Generator[None]:
    """Hold the lock file; RUN-001 names who does when somebody else holds it."""
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            raise FalajError("RUN-001", what, f"process {file.read().strip() or 'unknown'} is working on it") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
