"""The rules as Prometheus reads them: those of `rules/`, and the region's numbers as series that are always there.

A test holds them against `infra.catalog.energy`, by which `falaj plan` reckons.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parent / "rules"
RUNBOOKS = "https://github.com/falaj/falaj/blob/main/docs/runbooks/"


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What the catalogue knows of an instance type."""

    watts: float
    """Of all of it at full load."""
    gpu_watts: float = 0
    """Of its GPUs together: where they are measured, only the rest is taken from here."""
    usd: float | None = None
    """An hour on demand; None where nobody knows."""


@dataclass(frozen=True, kw_only=True)
class Region:
    """The region's numbers."""

    machines: Mapping[str, Machine]
    """By instance type."""
    pue: float
    """Watts of the whole building for each watt of its computers."""
    grid: float
    """Grams of CO2 for each kWh of its grid."""
    node_budget: Mapping[str, float] = field(default_factory=dict[str, float])
    """Watts that a machine may draw, by pool."""
    rack_budget: float | None = None
    """Watts that a rack may draw."""
    budgets: Mapping[str, float] = field(default_factory=dict[str, float])
    """USD a month that a namespace may spend."""


def rule_files(region: Region, runbooks: str = RUNBOOKS) -> dict[str, str]:
    """{name of the file: its text}. `runbooks` is where the pages of the alerts are to be read."""
    files = {file.name: file.read_text().replace(RUNBOOKS, runbooks) for file in sorted(RULES.glob("*.yaml"))}
    return {**files, "catalogue.yaml": catalogue(region)}


def catalogue(region: Region) -> str:
    """The region's numbers as recording rules."""
    rules: list[dict[str, Any]] = [
        _constant("falaj:pue", region.pue),
        _constant("falaj:grid_grams_per_kwh", region.grid),
    ]
    for name, machine in region.machines.items():
        rest = round(machine.watts - machine.gpu_watts, 1)
        rules.append(_constant("falaj:machine_watts:catalogue", machine.watts, instance_type=name))
        rules.append(_constant("falaj:machine_rest_watts:catalogue", rest, instance_type=name))
    rules += [_constant("falaj:node_budget_watts", watts, pool=pool) for pool, watts in region.node_budget.items()]
    rules += [
        _constant("falaj:namespace_budget_usd_per_month", usd, namespace=name) for name, usd in region.budgets.items()
    ]
    if region.rack_budget is not None:
        rules.append(_constant("falaj:rack_budget_watts", region.rack_budget))
    return yaml.safe_dump({"groups": [{"name": "catalogue", "rules": rules}]}, sort_keys=False)


def _constant(name: str, value: float, **labels: str) -> dict[str, Any]:
    return {"record": name, "expr": f"vector({value})", **({"labels": labels} if labels else {})}
