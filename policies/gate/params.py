"""What is allowed on a stack: its jurisdiction's facts, its regimes' demands, the stack file's own limits.

A rule reads its limits from the document (`input.params`) and fails without them; nothing has a default in a rule. The
values used are part of every decision record.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from infra import yaml_text
from infra.errors import FalajError

FOLDER = Path(__file__).resolve().parents[1] / "params"

Days = Annotated[int, Field(ge=1, le=36525)]
Host = Annotated[str, Field(pattern=r"^[a-z0-9.-]+(:\d+)?$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Limits(_Model):
    """What a stack file may set below `falaj:policy`. The defaults are the strictest that make sense."""

    registries: list[Host] = []
    """Hosts that container images may come from. None by default."""
    hosts: list[Host] = []
    """Further hosts that logs, metrics and data may be sent to; a leading dot allows what lies below."""
    egress_cidrs: list[str] = []
    """Networks that pods and security groups may open connections to, when the data is confidential or restricted."""
    edge_ports: list[Annotated[int, Field(ge=1, le=65535)]] = [443]
    """Ports that may be open to the world on what is tagged `edge: true`."""
    key_rotation_days_max: Annotated[int, Field(ge=90, le=365)] = 365
    """Longest time between two rotations of a key, days."""
    key_deletion_days_min: Annotated[int, Field(ge=7, le=30)] = 30
    """Shortest wait before a key is deleted, days."""
    log_retention_days_min: Days = 180
    """Shortest time that logs are kept, days."""
    log_retention_days_max: Days = 3653
    """Longest time that logs are kept, days."""
    required_tags: list[str] = ["cost-centre", "data-class", "env", "owner", "purpose", "retention", "tenant"]
    """Tags that everything taggable carries."""
    max_gpus: Annotated[int, Field(ge=0, le=100_000)] = 0
    """GPUs that the stack's workloads may claim together. None by default."""
    monthly_budget: Annotated[float, Field(ge=0)] = 0
    """Most that the stack may cost a month, in its currency. Nothing by default."""
    backup_test_days_max: Annotated[int, Field(ge=1, le=365)] = 90
    """Longest time since a backup was last restored in a test, days."""
    bias_test_days_max: Annotated[int, Field(ge=1, le=365)] = 365
    """Longest time since a model's bias was last tested, days."""
    ray_version_min: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")] = "2.52.0"
    """Oldest Ray allowed (2.52 brought token authentication)."""
    approvals_min: Annotated[int, Field(ge=1, le=10)] = 2
    """Approvals that a destructive or sensitive plan needs, none of them the author's."""
    approval_hours_max: Annotated[int, Field(ge=1, le=72)] = 24
    """How long an approval holds, hours."""


class Jurisdiction(_Model):
    """Where data may be."""

    title: str
    regions: dict[Literal["aws", "azure"], list[str]]
    hosts: list[Host]
    backends: list[Literal["s3", "azblob", "file"]]


class Regime(_Model):
    """What a law demands of everything under it."""

    name: str
    title: str
    params: dict[str, Any]
    unwaivable: list[str]


@cache
def jurisdictions() -> dict[str, Jurisdiction]:
    """Every jurisdiction, by name."""
    return _read("jurisdictions.yaml", TypeAdapter(dict[str, Jurisdiction]))


@cache
def regimes() -> dict[str, Regime]:
    """Every regime by name, the most special first."""
    return {regime.name: regime for regime in _read("regimes.yaml", TypeAdapter(list[Regime]))}


def route(named: list[str]) -> str:
    """The regime that decides: the most special of those named (health, bank, free zone, general), "" for none."""
    return next((name for name in regimes() if name in named), "")


def resolve(jurisdiction: str, named: list[str], limits: Mapping[str, Any]) -> dict[str, Any]:
    """`input.params` of a stack. Raises GATE-019 for a jurisdiction, a regime or a limit that is none."""
    where = jurisdictions().get(jurisdiction)
    if where is None:
        known = ", ".join(jurisdictions())
        raise FalajError("GATE-019", "falaj:jurisdiction", f"{jurisdiction!r} is none of {known}")
    if wrong := [name for name in named if name not in regimes()]:
        raise FalajError("GATE-019", "falaj:regimes", f"{wrong[0]!r} is none of {', '.join(regimes())}")
    try:
        chosen = Limits.model_validate(dict(limits)).model_dump()
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(["falaj:policy", *map(str, problem["loc"])])
        raise FalajError("GATE-019", key, problem["msg"]) from error
    for name in named:
        for key, demanded in regimes()[name].params.items():
            chosen[key] = _stricter(key, chosen[key], demanded)
    return {**chosen, "regions": where.regions, "hosts": [*where.hosts, *chosen["hosts"]], "backends": where.backends}


def unwaivable(named: list[str]) -> set[str]:
    """The rules that no waiver can lift under these regimes."""
    return {rule for name in named if name in regimes() for rule in regimes()[name].unwaivable}


def _stricter(key: str, chosen: Any, demanded: Any) -> Any:
    """The stricter of two: of a least the greater, of a most the lesser. A law's longest retention replaces ours."""
    if key == "log_retention_days_max":
        return max(chosen, demanded)
    return max(chosen, demanded) if key.endswith("_min") else min(chosen, demanded)


def _read(name: str, shape: TypeAdapter[Any]) -> Any:
    try:
        return shape.validate_python(yaml_text.read(FOLDER / name))
    except (OSError, ValueError) as error:
        said = " ".join(str(error).split())[:300]
        raise FalajError("GATE-017", f"policies/params/{name}", f"it is not of the right shape: {said}") from error
