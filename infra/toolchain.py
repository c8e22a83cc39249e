"""Which tools Falaj needs, which of them this machine has, and where our own are kept.

Standard library only: `tools/bootstrap` imports it before anything is installed, `falaj doctor` after.
A tool on PATH is used when it is new enough; otherwise ours is, from a cache folder whose name carries a digest of
what it was built from and which holds the SHA-256 of every program in it.
"""

import hashlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from infra.errors import FalajError
from infra.home import PROJECT

SUMS = "SHA256SUMS"
_PULUMI = "github.com/pulumi/pulumi"


@dataclass(frozen=True)
class Tool:
    """A program we need: its name, the oldest version that will do, and the folder that pins ours."""

    name: str
    minimum: str
    pins: Path
    asks: tuple[str, ...] = ("version",)
    """The arguments that make it print its version."""
    own: bool = False
    """Whether only ours will do: it is run with what lies beside it, and is put on nobody's PATH."""

    @cached_property
    def version(self) -> str:
        """The pinned version of the wheel."""
        return _pinned(r"^[\w.-]+==([\w.]+)", self.pins / "requirements.txt")

    @property
    def recipe(self) -> str:
        """Whatever besides the pins decides the content."""
        return ""

    @property
    def folder(self) -> Path:
        """Where ours is kept; other pins or build flags give another folder."""
        digest = hashlib.sha256(self.recipe.encode())
        for file in sorted(file for file in self.pins.iterdir() if file.is_file()):
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
        return cache() / "tools" / f"{self.name}-{self.version}-{digest.hexdigest()[:16]}"

    @property
    def program(self) -> Path:
        """Our own copy of it."""
        return self.folder / self.name


@dataclass(frozen=True)
class GoTool(Tool):
    """A tool that is built from the Go modules its folder pins."""

    package: str = ""
    module: str = ""
    """The module whose version in go.mod is the tool's."""
    ldflags: str = "-s -w"
    tags: str = ""
    """Build tags, with commas between: what of the package is left out."""
    scripts: tuple[str, ...] = ()
    """Files of `module` that are installed beside the program."""
    others: tuple[str, ...] = ()
    """Further packages that are built in the same call, and their programs installed beside it."""
    part_of: str = ""
    """The tool that brings this one along when it comes from PATH."""
    companions: tuple[str, ...] = ()
    """Programs that must be there as well before the one on PATH will do."""

    @cached_property
    def version(self) -> str:
        """The pinned version of the module."""
        return _pinned(rf"\b{re.escape(self.module)} v(\S+)", self.pins / "go.mod")

    @property
    def recipe(self) -> str:
        """The packages, the flags, the tags and the scripts."""
        tags = (f"tags {self.tags}",) if self.tags else ()
        return "\n".join((self.package, self.ldflags, *tags, *self.scripts, *self.others))

    @property
    def programs(self) -> list[str]:
        """Names of all that is built."""
        return [self.name, *(package.rsplit("/", 1)[-1] for package in self.others)]


UV = Tool("uv", "0.13.0", PROJECT / "tools/uv", ("--version",))
GO = Tool("go", "1.26.0", PROJECT / "tools/go")
TOOLS = (
    GoTool(
        "pulumi",
        "3.232.0",
        PROJECT / "tools/pulumi",
        package=f"{_PULUMI}/pkg/v3/cmd/pulumi",
        module=f"{_PULUMI}/sdk/v3",
        ldflags=f"-s -w -X {_PULUMI}/sdk/v3/go/common/version.Version=v{{version}}",
        companions=("pulumi-language-python",),
    ),
    GoTool(
        "pulumi-language-python",
        "0",
        PROJECT / "tools/pulumi-language-python",
        package=f"{_PULUMI}/sdk/v3/python/cmd/pulumi-language-python",
        module=f"{_PULUMI}/sdk/v3",
        scripts=("python/cmd/pulumi-language-python-exec", "python/dist/pulumi-resource-pulumi-python"),
        part_of="pulumi",
    ),
    GoTool(
        "opa",
        "1.21.3",
        PROJECT / "tools/opa",
        package="github.com/open-policy-agent/opa",
        module="github.com/open-policy-agent/opa",
    ),
)

CHECKS = (
    GoTool(
        "promtool",
        "0.300.0",
        PROJECT / "tools/promtool",
        ("--version",),
        package="github.com/prometheus/prometheus/cmd/promtool",
        module="github.com/prometheus/prometheus",
        ldflags="-s -w -X github.com/prometheus/common/version.Version={version}",
        tags="remove_all_sd",  # what finds targets in clouds; rules need none of it, and it takes half of the build
    ),
)
"""What tests need besides."""

_KUBERNETES, _KUBERAY = "k8s.io/kubernetes", "github.com/ray-project/kuberay/ray-operator"
_STAGES = (
    "node/fast/node-initialize",
    "node/heartbeat-with-lease/node-heartbeat-with-lease",
    "pod/fast/pod-complete",
    "pod/fast/pod-delete",
    "pod/fast/pod-ready",
    "volume/fast/pv-bind",
    "volume/fast/pv-delete",
    "volume/fast/pvc-delete",
    "volume/fast/pvc-provision",
)
SIM = (
    GoTool(
        "etcd",
        "",
        PROJECT / "tools/etcd",
        package="go.etcd.io/etcd/server/v3",
        module="go.etcd.io/etcd/server/v3",
        own=True,
    ),
    GoTool(
        "kube-apiserver",
        "",
        PROJECT / "tools/kubernetes",
        package=f"{_KUBERNETES}/cmd/kube-apiserver",
        module=_KUBERNETES,
        ldflags="-s -w -X k8s.io/component-base/version.gitVersion=v{version}",
        others=(f"{_KUBERNETES}/cmd/kube-controller-manager", f"{_KUBERNETES}/cmd/kube-scheduler"),
        own=True,
    ),
    GoTool(
        "kwok",
        "",
        PROJECT / "tools/kwok",
        package="sigs.k8s.io/kwok/cmd/kwok",
        module="sigs.k8s.io/kwok",
        scripts=tuple(f"kustomize/stage/{stage}.yaml" for stage in _STAGES),
        own=True,
    ),
    GoTool(
        "kuberay-operator",
        "",
        PROJECT / "tools/kuberay-operator",
        package=_KUBERAY,
        module=_KUBERAY,
        own=True,
    ),
    GoTool(
        "kueue",
        "",
        PROJECT / "tools/kueue",
        package="sigs.k8s.io/kueue/cmd/kueue",
        module="sigs.k8s.io/kueue",
        ldflags="-s -w -X sigs.k8s.io/kueue/pkg/version.GitVersion=v{version}",
        own=True,
    ),
    GoTool(
        "gatekeeper",
        "",
        PROJECT / "tools/gatekeeper",
        package="github.com/open-policy-agent/gatekeeper/v3",
        module="github.com/open-policy-agent/gatekeeper/v3",
        own=True,
    ),
)
"""What `falaj sim` and the tests' cluster need besides."""
RENDERER = GoTool(
    "helm",
    "",
    PROJECT / "tools/helm",
    package="helm.sh/helm/v3/cmd/helm",
    module="helm.sh/helm/v3",
    own=True,
)
"""What renders the charts that are vendored; for whoever takes up a new version of one."""
_CRANE = "github.com/google/go-containerregistry"
MIRROR = GoTool(
    "crane",
    "0.20.0",
    PROJECT / "tools/crane",
    package=f"{_CRANE}/cmd/crane",
    module=_CRANE,
    ldflags=f"-s -w -X {_CRANE}/cmd/crane/cmd.Version={{version}}",
)
"""What `falaj mirror` copies images with."""
VALKEY = Tool("valkey-server", "", PROJECT / "tools/valkey", own=True)
"""What the tests of faults keep the state of Ray's heads in; it knows no TLS."""
GROUPS: dict[str, tuple[str, tuple[Tool, ...]]] = {
    "checks": ("what alert rules are checked with, too", CHECKS),
    "sim": ("the programs of the simulated region and of the tests, too", SIM),
    "renderer": ("what renders vendored charts, too", (RENDERER,)),
    "mirror": ("what copies images into a registry of one's own, too", (MIRROR,)),
    "faults": ("what the tests of faults run, too", (VALKEY,)),
}
"""Further tools that `tools/bootstrap` builds when it is asked, by the option: what it says, and what they are."""


@dataclass(frozen=True)
class Found:
    """A tool that can be used: `origin` is PATH or cache; `digest` is the recorded SHA-256 of ours."""

    path: Path
    version: str
    origin: str
    digest: str = ""


def cache() -> Path:
    """`$FALAJ_CACHE`, else `$XDG_CACHE_HOME/falaj`, else `~/.cache/falaj`."""
    own = os.environ.get("FALAJ_CACHE")
    return Path(own or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "falaj").absolute()


def new_enough(version: str, minimum: str) -> bool:
    """Whether dotted `version` is at least `minimum`; an unreadable version never is."""
    return bool(version) and _numbers(version) >= _numbers(minimum)


def on_path(tool: Tool, bin_folder: Path) -> Found | None:
    """What PATH gives, old or not; our own links in `bin_folder` do not count. `version` is "" if it will not say."""
    folders = [folder for folder in os.get_exec_path() if Path(folder) != bin_folder]
    program = shutil.which(tool.name, path=os.pathsep.join(folders))
    if program is None:
        return None
    here = os.pathsep.join([str(Path(program).resolve().parent), *folders])
    if isinstance(tool, GoTool) and not all(shutil.which(name, path=here) for name in tool.companions):
        return None
    return Found(Path(program), _asked(program, tool.asks), "PATH")


def in_cache(tool: Tool) -> Found | None:
    """Our own copy when it is there and whole. Raises FALAJ-TOOL-004 when it is not what was recorded."""
    if not (tool.folder / SUMS).exists():
        return None
    lines = (line.partition("  ") for line in (tool.folder / SUMS).read_text().splitlines())
    sums = {name: digest for digest, _, name in lines}
    for name, recorded in sums.items():
        file = tool.folder / name
        there = sha256(file) if file.exists() else "no file"
        if there != recorded:
            raise FalajError("TOOL-004", str(file), f"SHA-256 is {there[:12]}…, recorded when made: {recorded[:12]}…")
    return Found(tool.program, tool.version, "cache", sums[tool.name])


def choose(tool: Tool, bin_folder: Path, chosen: dict[str, Found]) -> Found | None:
    """PATH's when new enough, else ours, else None. `chosen`: what was already chosen (for `part_of`)."""
    if tool.own:
        return in_cache(tool)
    if isinstance(tool, GoTool) and tool.part_of:
        whole = chosen.get(tool.part_of)
        if whole is None or whole.origin == "cache":
            return in_cache(tool)
        near = os.pathsep.join([str(whole.path.resolve().parent), *os.get_exec_path()])
        return Found(Path(shutil.which(tool.name, path=near) or whole.path), whole.version, "PATH")
    found = on_path(tool, bin_folder)
    return found if found and new_enough(found.version, tool.minimum) else in_cache(tool)


def seal(folder: Path, names: list[str]) -> None:
    """Record the SHA-256 of `names` in `folder`, in the format of sha256sum."""
    (folder / SUMS).write_text("".join(f"{sha256(folder / name)}  {name}\n" for name in names))


def sha256(file: Path) -> str:
    """The file's SHA-256 in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _asked(program: str, asks: tuple[str, ...]) -> str:
    quiet = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true", "GOTOOLCHAIN": "local"}
    try:
        answer = subprocess.run([program, *asks], capture_output=True, text=True, timeout=20, env=quiet, cwd="/")
    except (OSError, subprocess.TimeoutExpired):
        return ""
    match = re.search(r"\d+(\.\d+)+", answer.stdout)
    return match[0] if match and answer.returncode == 0 else ""


def _pinned(pattern: str, file: Path) -> str:
    match = re.search(pattern, file.read_text(), re.MULTILINE)
    if match is None:
        raise FalajError("TOOL-001", str(file), f"it pins no version (looked for {pattern})")
    return match[1]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in [*re.findall(r"\d+", version), 0, 0][:3])
