"""What `falaj` asks the gate about a stack's plan, and where the gate keeps what it knows."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.backend import where
from infra.engine import Engine
from infra.home import home
from infra.settings import RegionStack

if TYPE_CHECKING:
    from policies.gate.document import Document, Stack


def folder() -> Path:
    """Decisions, documents, approvals, tickets."""
    return home() / "gate"


def decision_log() -> Path:
    """The hash-chained log of every decision."""
    return folder() / "decisions.jsonl"


def plan(engine: Engine, settings: RegionStack, steps: list[dict[str, Any]], gate: str = "plan") -> "Document":
    """The question about a plan as a whole: creates, updates, replaces, deletes and imports together."""
    from policies.gate import about
    from policies.gate.document import from_plan

    stack, limits = described(engine.stack, settings, dry_run=True, author=about.author())
    return from_plan(steps, stack, limits).model_copy(update={"gate": gate})


def described(name: str, settings: RegionStack, *, dry_run: bool, author: str = "") -> "tuple[Stack, dict[str, Any]]":
    """The stack and its parameters, as the gate is told of them; its state is where `falaj up` keeps it."""
    from policies.gate import about

    backend = where(settings)[0] or f"file://{home() / 'state'}"
    return about.of_settings(
        settings.model_dump(mode="json"), name=name, dry_run=dry_run, author=author, backend=backend
    )


def waived(decision: Any) -> dict[str, dict[str, str]]:
    """{urn: {policy: waiver}} of what waivers lifted in a decision."""
    found: dict[str, dict[str, str]] = {}
    for finding in decision.findings:
        if finding.waived_by:
            found.setdefault(finding.urn, {})[finding.policy] = finding.waived_by
    return found
