"""Judging again: what today's rules say to an old question, or to a state as it is, and what would change."""

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from policies.gate import documents, steps
from policies.gate.decide import Gate
from policies.gate.decision import Decision, Finding
from policies.gate.document import Document, Stack, from_plan


@dataclass(frozen=True)
class Change:
    """One rule about one subject, then and now; "" where it was or is no finding."""

    policy: str
    urn: str
    then: str
    now: str
    message: str


@dataclass(frozen=True)
class Replay:
    """What was decided then, if it was, and now."""

    then: Decision | None
    now: Decision

    @property
    def changes(self) -> list[Change]:
        """Findings that came, went or act otherwise, by rule and subject."""
        before, after = _by_subject(self.then.findings if self.then else ()), _by_subject(self.now.findings)
        return [
            Change(*key, _effect(before.get(key)), _effect(after.get(key)), (after.get(key) or before[key]).message)
            for key in sorted(before.keys() | after.keys())
            if _effect(before.get(key)) != _effect(after.get(key))
        ]


def of_record(folder: Path, decision: Decision) -> Replay:
    """The question of a recorded decision, asked again now.

    Raises GATE-015 when it is not there, or not as it was asked, GATE-025 when it was none that is kept.
    """
    if decision.gate == "resource" or not decision.input_digest:
        raise FalajError("GATE-025", decision.decision_id, "what it was asked is not kept: only whole stacks' are")
    body = documents.read(folder, decision.input_digest)
    question = Document.model_validate({**body, "waivers": []})
    return Replay(decision, _decided(question))


def of_state(deployment: Mapping[str, Any], stack: Stack, params: Mapping[str, Any]) -> Replay:
    """An exported state, asked about as it is."""
    planned = from_plan(steps.of_state(deployment, "same"), stack, params)
    return Replay(None, _decided(planned.model_copy(update={"gate": "stack", "plan": None})))


def _decided(question: Document) -> Decision:
    """A decision that stands in no log: nothing is going to be done."""
    with tempfile.TemporaryDirectory() as scratch, Gate.start(log=Path(scratch) / "decisions.jsonl") as gate:
        return gate.decide(question, again=True)


def _by_subject(findings: Iterable[Finding]) -> dict[tuple[str, str], Finding]:
    return {(finding.policy, finding.urn): finding for finding in findings}


def _effect(finding: Finding | None) -> str:
    return finding.effect if finding else ""
