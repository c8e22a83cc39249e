"""What `falaj` asks the gate about a stack's plan, and where the gate keeps what it knows."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.engine import Engine
from infra.home import home
from infra.settings import RegionStack

if TYPE_CHECKING:
    from policies.gate.document import Document


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

    backend = f"file://{home() / 'state'}"
    stack, limits = about.of_settings(
        settings.model_dump(mode="json"), name=engine.stack, dry_run=True, author=about.author(), backend=backend
    )
    return from_plan(steps, stack, limits).model_copy(update={"gate": gate})


def waived(decision: Any) -> dict[str, dict[str, str]]:
    """{urn: {policy: waiver}} of what waivers lifted in a decision."""
    found: dict[str, dict[str, str]] = {}
    for finding in decision.findings:
        if finding.waived_by:
            found.setdefault(finding.urn, {})[finding.policy] = finding.waived_by
    return found
