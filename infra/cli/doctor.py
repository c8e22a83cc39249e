"""`falaj doctor`: what is there, its version, what is missing and the fix."""

import importlib.metadata
import os
import platform
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import psutil
from rich.text import Text

from infra.checks import checked
from infra.cli.check import Check
from infra.cli.output import OK, emit, guarded, out
from infra.cli.preflight import aws, cluster
from infra.errors import Exit, FalajError
from infra.home import PROJECT, home
from infra.settings import KubernetesStack, LocalStack
from infra.toolchain import GO, TOOLS, UV, Found, GoTool, Tool, cache, choose

GIB = 1 << 30
BIN = PROJECT / ".venv/bin"
BOOTSTRAP = "Run tools/bootstrap"
ENOUGH = {"cores": 2, "memory": 8, "disk": 10}
"""Cores, GiB and GiB with which the local stack and its first workload run in comfort."""


def doctor(as_json: bool, online: bool, stack: str = "local") -> int:
    """Print the checks; exit code 5 when something is missing."""
    return guarded(as_json, lambda: _doctor(as_json, online, stack))


def _doctor(as_json: bool, online: bool, stack: str) -> int:
    checks = diagnose(online=online, stack=stack)
    ok = all(check.ok for check in checks)
    emit({"ok": ok, "checks": [asdict(check) for check in checks]}) if as_json else _show(checks)
    return OK if ok else int(Exit.MISSING)


def diagnose(*, online: bool = False, stack: str = "local") -> list[Check]:
    """Every check, in the order in which a set-up needs them. `online` asks the registries as well."""
    return [
        *_system(),
        *_tools(),
        *_packages(),
        *_machine(),
        *_stack(stack),
        *_private(stack),
        *(_registries() if online else ()),
    ]


def _check(name: str, wanted: str, found: str, ok: bool, fix: str) -> Check:
    return Check(name, wanted, found, ok, "" if ok else fix)


def _system() -> Iterator[Check]:
    release = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    name = release.get("PRETTY_NAME", platform.platform(terse=True))
    known = sys.platform in ("linux", "darwin") and platform.machine() in ("x86_64", "aarch64", "arm64")
    yield _check("system", "Linux or macOS", f"{name}, {platform.machine()}", known, "Use Debian 12 or newer")
    right = sys.version_info[:2] == (3, 11)
    yield _check("python", "3.11", f"{platform.python_version()} ({sys.executable})", right, "Install Python 3.11")
    for program in ("git", "make"):
        path = shutil.which(program)
        yield _check(program, "any", _version(program) if path else "not on PATH", bool(path), f"Install {program}")


def _tools() -> Iterator[Check]:
    chosen: dict[str, Found] = {}
    for tool in (UV, GO, *TOOLS):
        wanted = "any" if tool.minimum == "0" else f">= {tool.minimum}"
        try:
            found = choose(tool, BIN, chosen)
        except FalajError as error:
            yield Check(tool.name, wanted, f"damaged: {error.place}: {error.problem}", False, BOOTSTRAP)
            continue
        if found:
            chosen[tool.name] = found
        yield _tool(tool, wanted, found)


def _tool(tool: Tool, wanted: str, found: Found | None) -> Check:
    if found is None and not isinstance(tool, GoTool):
        return Check(tool.name, wanted, "not there; the set-up fetches it when it has to build", True)
    if found is None:
        return Check(tool.name, wanted, "not there", False, BOOTSTRAP)
    digest = f", sha256 {found.digest[:12]}…" if found.digest else ""
    shown = f"{found.version} from {found.origin} ({found.path}{digest})"
    linked = (
        not isinstance(tool, GoTool) or (found.origin == "PATH" and bool(tool.part_of)) or (BIN / tool.name).exists()
    )
    return _check(tool.name, wanted, shown if linked else f"{shown}, not linked into {BIN}", linked, BOOTSTRAP)


def _packages() -> Iterator[Check]:
    """The extras, by the packages our own distribution asks for."""
    asked = importlib.metadata.requires("falaj") or []
    for extra, needed in (("workloads", True), ("dev", False)):
        names = [re.split(r"[^\w.-]", line)[0] for line in asked if re.search(rf"extra == ['\"]{extra}['\"]", line)]
        lacking = [name for name in names if not any(importlib.metadata.distributions(name=name))]
        if not lacking:
            yield Check(f"extra {extra}", f"{len(names)} packages", f"{len(names)} packages", True)
        elif needed:
            fix = f"{BOOTSTRAP} --extra {extra}"
            yield Check(f"extra {extra}", f"{len(names)} packages", f"missing: {', '.join(lacking)}", False, fix)
        else:
            yield Check(f"extra {extra}", "for tests only", "not installed", True)


def _machine() -> Iterator[Check]:
    cores = os.cpu_count() or 1
    yield _check("cores", f">= {ENOUGH['cores']}", str(cores), cores >= ENOUGH["cores"], "Use a larger machine")
    memory = psutil.virtual_memory()
    shown = f"{memory.total / GIB:.1f} GiB, {memory.available / GIB:.1f} free"
    enough = memory.total >= ENOUGH["memory"] * GIB
    yield _check("memory", f">= {ENOUGH['memory']} GiB", shown, enough, "Lower ray.memory_gib, or use a larger machine")
    folder = next(place for place in (home(), *home().parents) if place.exists())
    free = shutil.disk_usage(folder).free / GIB
    yield _check(
        "disk", f">= {ENOUGH['disk']} GiB free", f"{free:.1f} GiB ({folder})", free >= ENOUGH["disk"], "Free some space"
    )


def _stack(stack: str) -> Iterator[Check]:
    """What the stack needs: ports of this machine, or what its cloud must say."""
    try:
        region = checked(stack)
    except FalajError as error:
        yield Check(f"stack {stack}", "a sound stack file", f"{error.place}: {error.problem}", False, error.fix)
        return
    if isinstance(region, LocalStack):
        yield from _ports(stack, region)
    elif isinstance(region, KubernetesStack):
        yield from cluster.preflight(region, f"stacks/Pulumi.{stack}.yaml")
    else:
        yield from aws.preflight(region, f"stacks/Pulumi.{stack}.yaml")


def _ports(stack: str, region: LocalStack) -> Iterator[Check]:
    """Whether the stack's ports are free, held by its own servers, or by somebody else."""
    named = {
        "decision": region.decision.port,
        "tracking": region.tracking.port,
        "ray": region.ray.port,
        "ray dashboard": region.ray.dashboard_port,
        "ray serve": region.ray.serve_port,
    }
    for name, port in named.items():
        pids = listeners(port)
        if pids is None:
            yield Check(f"port {port}", f"{name}: free or ours", "free", True)
        elif ours := [pid for pid in pids if _ours(pid, stack)]:
            yield Check(f"port {port}", f"{name}: free or ours", f"ours (pid {ours[0]})", True)
        else:
            holder = ", ".join(f"pid {pid} {_name(pid)}" for pid in pids) or "a process of another user"
            fix = f"End it, or give falaj:{name.split()[0]} another port in stacks/Pulumi.{stack}.yaml"
            yield Check(f"port {port}", f"{name}: free or ours", f"taken by {holder}", False, fix)


def listeners(port: int) -> list[int] | None:
    """The processes that listen on a TCP port: None when it is free, [] when they may not be seen."""
    sockets = [
        connection
        for connection in psutil.net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr and connection.laddr.port == port
    ]
    return sorted({connection.pid for connection in sockets if connection.pid}) if sockets else None


def _ours(pid: int, stack: str) -> bool:
    """Every process of a stack carries the folder of its supervisor in its environment."""
    try:
        return psutil.Process(pid).environ().get("FALAJ_SUPERVISOR", "").startswith(str(home() / stack))
    except psutil.Error:
        return False


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return "(gone)"


def _private(stack: str) -> Iterator[Check]:
    """Folders and files that only their owner may open; not there yet is fine."""
    passwords = home() / "passphrase"
    for name, path, wanted in (
        ("state folder", home(), 0o700),
        ("passphrase", passwords, 0o600),
        (f"state of {stack}", home() / stack, 0o700),
    ):
        if not path.exists():
            yield Check(name, f"{wanted:04o}", f"not there yet ({path})", True)
            continue
        mode, mine = stat.S_IMODE(path.stat().st_mode), path.stat().st_uid == os.getuid()
        owner = "" if mine else f", owned by uid {path.stat().st_uid}"
        fix = f"chmod {wanted:o} {path}" if mine else f"Run falaj as the owner of {path}"
        yield _check(name, f"{wanted:04o}", f"{mode:04o}{owner} ({path})", mine and mode & ~wanted == 0, fix)
    there = next(place for place in (cache(), *cache().parents) if place.exists())
    yield _check("cache", "writable", str(cache()), os.access(there, os.W_OK), "Point FALAJ_CACHE at a folder of yours")


def _registries() -> Iterator[Check]:
    """Each registry is asked by its own client, so that every setting of it counts."""
    with tempfile.TemporaryDirectory() as empty:
        package = f"{UV.name}=={UV.version}"
        asking = [
            "pip",
            "install",
            "--dry-run",
            "--no-deps",
            "--no-cache",
            "--python",
            sys.executable,
            "--target",
            empty,
            package,
        ]
        yield _answers("package index", UV, asking, {"UV_SYSTEM_CERTS": "true"}, Path(empty))
        opa = TOOLS[-1]
        modules = {"GOMODCACHE": f"{empty}/modules", "GOFLAGS": "-mod=mod -modcacherw", "GOTOOLCHAIN": "local"}
        asking = ["list", "-m", f"{opa.module}@v{opa.version}"]
        yield _answers("module proxy", GO, asking, modules, Path(empty))


def _answers(name: str, client: Tool, arguments: list[str], extra: dict[str, str], folder: Path) -> Check:
    found = choose(client, BIN, {})
    if found is None:
        return Check(name, "answers", f"not asked: {client.name} is not there", True)
    try:
        command = [str(found.path), *arguments]
        answer = subprocess.run(
            command, capture_output=True, text=True, timeout=60, cwd=folder, env={**os.environ, **extra}
        )
    except subprocess.TimeoutExpired:
        return Check(name, "answers", "no answer in 60 s", False, "Check the network and HTTPS_PROXY")
    said = [line.strip() for line in answer.stderr.splitlines() if line.strip()]
    shown = "answers" if answer.returncode == 0 else (said or ["no answer"])[-1][:200]
    fix = "Check the network, HTTPS_PROXY, UV_DEFAULT_INDEX and GOPROXY"
    return _check(name, "answers", re.sub(r"//[^/@\s]+@", "//***@", shown), answer.returncode == 0, fix)


def _version(program: str) -> str:
    answer = subprocess.run([program, "--version"], capture_output=True, text=True)
    match = re.search(r"\d+(\.\d+)+", answer.stdout)
    return f"{match[0] if match else 'of no known version'} ({shutil.which(program)})"


def _show(checks: list[Check]) -> None:
    for check in checks:
        mark = Text("✓ ", style="green") if check.ok else Text("✗ ", style="bold red")
        mark = mark if check.asked else Text("? ", style="yellow")
        wanted = "" if check.ok else f"; wanted: {check.wanted}"
        out.print(mark, Text(f"{check.name:<24} ", style="bold"), Text(f"{check.found}{wanted}"), sep="")
        if not check.ok:
            out.print(Text(f"  → {check.fix}.", style="yellow"))
