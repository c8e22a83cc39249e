"""A decision: what was found, what follows from it, and everything needed to check it later (design §6)."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from infra.errors import FalajError
from policies.gate.bundle import Level, Severity
from policies.gate.controls import Control
from policies.gate.document import Source

Result = Literal["pass", "fail", "indeterminate"]
Effect = Literal["deny", "advise", "defer", "note", "waive"]
"""What a result that is no pass does: stops, tells, waits for the real value, is noted, is lifted by a waiver."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Finding(_Model):
    """One rule about one subject (a resource's URN, `release`, `plan`), when it did not pass."""

    policy: str
    title: str
    urn: str
    result: Result
    effect: Effect
    severity: Severity
    level: Level
    message: str
    controls: list[Control]
    remediation: str
    inputs: str = ""
    """Digest of what was judged: what a waiver of this finding names."""
    source: Source | None = None
    waived_by: str | None = None

    def __str__(self) -> str:
        return _line([self])


class Coverage(_Model):
    """Which rules judged how many subjects. Rules that found nothing to judge are `not_applicable`."""

    evaluated: dict[str, int] = {}
    indeterminate: dict[str, int] = {}
    not_applicable: list[str] = []


class Fault(_Model):
    """Why there was no decision by the rules."""

    code: str
    place: str
    problem: str


class BundleRef(_Model):
    """`digest` is the one this gate expects, `revision` the one OPA states."""

    revision: str
    digest: str


class Decision(_Model):
    """The record of one decision (design §6)."""

    decision_id: str
    verdict: Literal["allow", "deny"]
    code: str | None = None
    gate: str
    stack: str
    profile: str
    jurisdiction: str = ""
    regime: str = ""
    author: str = ""
    dry_run: bool
    subject: str = ""
    """The resource's URN at the resource gate, the model's name at the release gate."""
    findings: list[Finding] = []
    fault: Fault | None = None
    coverage: Coverage = Coverage()
    bundle: BundleRef
    input_digest: str
    plan: str | None = None
    """The plan's digest at the plan gate: what approvals are bound to."""
    waivers: dict[str, str] = {}
    """Id and digest of every waiver that stood."""
    approvals: list[str] = []
    """Who approved this very plan."""
    params: dict[str, Any] = {}
    engine: str
    now: str
    duration_ms: float

    @property
    def allowed(self) -> bool:
        """Whether what was asked may happen."""
        return self.verdict == "allow"

    @property
    def denials(self) -> list[Finding]:
        """The findings that deny."""
        return [finding for finding in self.findings if finding.effect == "deny"]

    def raise_if_denied(self) -> None:
        """Raises the fault's code, or GATE-001 that names every finding that denies, one a line."""
        if self.fault:
            raise FalajError(self.fault.code, self.fault.place, self.fault.problem)
        if self.allowed:
            return
        alike: dict[tuple[str, str], list[Finding]] = {}
        for finding in self.denials:
            alike.setdefault((finding.policy, finding.message), []).append(finding)
        listed = "\n".join(f"  {_line(findings)}" for findings in alike.values())
        count = len(self.denials)
        raise FalajError("GATE-001", f"{self.gate} {self.stack}", f"{count} finding{'s' * (count > 1)}:\n{listed}")


def _line(findings: list[Finding]) -> str:
    """Findings that say the same of several resources, in one line."""
    names = ", ".join(dict.fromkeys(finding.urn.rsplit("::", 1)[-1] for finding in findings))
    return f"{findings[0].policy} {names}: {findings[0].message}. {findings[0].remediation}"
