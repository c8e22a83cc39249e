"""A stack file, typed: what a user may write in `stacks/Pulumi.<stack>.yaml` under `config:`, as `falaj:<key>`.

Frozen, and strict: an unknown key, a wrong type or a value out of range is one FalajError with the place, the value
and what was expected. Imports neither pulumi nor ray nor torch.
"""

import difflib
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from infra.errors import FalajError
from infra.home import stacks
from policies.gate.about import scalar
from policies.gate.params import Limits

PREFIX = "falaj:"

Port = Annotated[int, Field(ge=1024, le=65535)]
Mib = Annotated[int, Field(ge=64, le=65536)]
Auth = Literal["token", "none"]


class Strict(BaseModel):
    """Base of every section; the text below a field is its description in docs/settings.md."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class Keys(Strict):
    """The key that wraps every data key."""

    generation: Annotated[int, Field(ge=1, le=1000)] = 1
    """Key versions. Raise it by one to rotate; older objects stay readable."""


class Store(Strict):
    """The object store."""

    encryption: Literal["AES-256-GCM", "none"] = "AES-256-GCM"
    """How objects are sealed. The gate allows AES-256-GCM only."""


class Logs(Strict):
    """Logs of the supervised servers."""

    max_mib: Annotated[int, Field(ge=1, le=1024)] = 10
    """A log is rotated at this size, MiB."""
    backups: Annotated[int, Field(ge=1, le=100)] = 3
    """Rotated logs kept of each server."""


class Server(Strict):
    """A server on this machine."""

    bind: str = "127.0.0.1"
    """Address to listen on. The gate allows loopback only."""


class Decision(Server):
    """The decision server (OPA)."""

    port: Port = 8181
    """Its port."""
    auth: Auth = "token"
    """`token`, or `none`, which the gate refuses."""
    memory_mib: Mib = 256
    """Soft limit of its heap, MiB."""


class Tracking(Server):
    """The tracking server (MLflow)."""

    port: Port = 5000
    """Its port."""
    memory_mib: Annotated[int, Field(ge=512, le=65536)] = 2048
    """Most private memory each of its processes may take, MiB."""


class Ray(Server):
    """The Ray runtime."""

    port: Port = 6379
    """The head's control store."""
    dashboard_port: Port = 8265
    """The dashboard."""
    agent_port: Port = 52365
    """The dashboard's agent."""
    client_port: Port = 10001
    """Ray Client."""
    serve_port: Port = 8000
    """Where Ray Serve answers predictions."""
    auth: Auth = "token"
    """`token`, or `none`, which the gate refuses."""
    cpus: Annotated[int, Field(ge=1, le=1024)] | Literal["all"] = "all"
    """Cores that tasks may claim together; `all` is every core of the machine."""
    memory_gib: Annotated[float, Field(gt=0, le=65536)] = 4
    """Heap that tasks may claim together, GiB."""
    object_store_gib: Annotated[float, Field(ge=0.1, le=65536)] = 1
    """Shared memory for objects, GiB; never spilled to disk."""


class RegionStack(Strict):
    """One region: where it is, what its policies demand, and the sizes of its parts."""

    kind: Literal["region"]
    """What the stack is."""
    target: Literal["local"]
    """Where it runs. `local` is this machine."""
    profile: Literal["dev", "prod"] = "dev"
    """The levels at which policies act. Outside `dev` nothing is applied without the gate, and stores are protected."""
    jurisdiction: Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$")] = "local"
    """Where its data may be."""
    regimes: list[str] = []
    """Legal regimes its data is under: `health`, `bank`, `difc`, `adgm`, `pdpl`, `gdpr`."""
    data_class: Literal["public", "internal", "confidential", "restricted"] = "internal"
    """The highest class of data it may hold."""
    lawful_basis: str = ""
    """On which legal basis personal data is processed; needed for `confidential` and `restricted`."""
    policy: Limits = Limits()
    keys: Keys = Keys()
    store: Store = Store()
    logs: Logs = Logs()
    decision: Decision = Decision()
    tracking: Tracking = Tracking()
    ray: Ray = Ray()
    telemetry: bool = False
    """Whether servers may report their usage to their makers. The gate refuses true."""

    @property
    def cpus(self) -> int:
        """Cores Ray gets."""
        return (os.cpu_count() or 1) if self.ray.cpus == "all" else self.ray.cpus


def stack_file(stack: str) -> Path:
    """The stack's file. CFG-006 when the name is none, CFG-005 when there is no such file."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", stack):
        raise FalajError("CFG-006", repr(stack), "that is no name for a stack")
    path = stacks() / f"Pulumi.{stack}.yaml"
    if not path.is_file():
        there = sorted(p.name.removeprefix("Pulumi.").removesuffix(".yaml") for p in path.parent.glob("Pulumi.*.yaml"))
        fix = f"Name one that is there ({', '.join(there) or 'none yet'}), or write that file."
        raise FalajError("CFG-005", f"stacks/{path.name}", f"there is no stack {stack!r}", fix)
    return path


def load(path: Path) -> RegionStack:
    """The settings in a stack file. CFG-004 when it is not YAML of the right shape, else as `parse`."""
    place = f"stacks/{path.name}"
    try:
        document = yaml.safe_load(path.read_text())
        config: dict[str, Any] = document["config"]
        items = {str(key): scalar(value) if isinstance(value, str) else value for key, value in config.items()}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise FalajError("CFG-004", f"{place}:{line}", f"it is not YAML: {error.problem}") from error
    except (TypeError, KeyError, AttributeError, UnicodeDecodeError) as error:
        raise FalajError("CFG-004", place, "it has no `config:` section with keys and values") from error
    return parse(items, place)


def parse(config: dict[str, Any], place: str) -> RegionStack:
    """Settings from `falaj:<key>` entries; entries of other namespaces are Pulumi providers' own.

    CFG-001 unknown key, CFG-002 wrong type or value, CFG-003 missing key.
    """
    ours = {key.removeprefix(PREFIX): value for key, value in config.items() if key.startswith(PREFIX)}
    for key in config:
        if ":" not in key:
            raise FalajError("CFG-001", place, f"`{key}` has no namespace", f"Write `{PREFIX}{key}`.")
    try:
        return RegionStack.model_validate(ours)
    except ValidationError as error:
        raise _explained(error, place) from error


def _explained(error: ValidationError, place: str) -> FalajError:
    """The first problem in the user's words; the others are met when it is mended."""
    problem = error.errors(include_url=False)[0]
    loc = [str(part) for part in problem["loc"] if not str(part).startswith(("literal", "int", "constrained"))]
    key = PREFIX + ".".join(loc)
    match problem["type"]:
        case "extra_forbidden":
            known = list(_fields(loc[:-1]))
            near = difflib.get_close_matches(loc[-1], known, 1)
            fix = f"Write `{near[0]}`." if near else f"Known here: {', '.join(known)}."
            return FalajError("CFG-001", place, f"there is no key `{key}`", fix)
        case "missing":
            return FalajError("CFG-003", place, f"`{key}` is missing", _about(loc))
        case _:
            said = problem["msg"][:1].lower() + problem["msg"][1:]
            return FalajError("CFG-002", place, f"`{key}` is {problem['input']!r}; {said}", _about(loc))


def _fields(loc: list[str]) -> dict[str, FieldInfo]:
    """The fields of the section at `loc`."""
    model: Any = RegionStack
    for name in loc:
        model = model.model_fields[name].annotation
    return model.model_fields


def _about(loc: list[str]) -> str:
    try:
        return f"`{PREFIX}{'.'.join(loc)}`: {_fields(loc[:-1])[loc[-1]].description}"
    except (KeyError, AttributeError, IndexError):
        return "docs/settings.md lists every key."
