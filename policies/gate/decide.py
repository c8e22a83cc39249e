"""The gate: one document in, one decision out. Whatever is not a clear allow is a deny with its own code."""

import contextlib
import os
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from infra.errors import FalajError
from policies.gate import bundle, opa, record
from policies.gate.ask import Opa, summary
from policies.gate.document import Document, Source, digest

ANSWER_SECONDS = 30.0
_MUST_EVALUATE = ("stack", "plan", "review", "release", "tenant")
"""Gates at which silence denies. A single resource may well be of a type no rule is about (a component, a provider)."""

Result = Literal["pass", "fail", "indeterminate"]
Effect = Literal["deny", "advise", "defer", "note"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Verdict(_Model):
    result: Result
    message: str


class _Answer(_Model):
    """What data.falaj.gate.decision must look like."""

    results: dict[str, dict[str, _Verdict]]
    errored: list[str]


class Finding(_Model):
    """One rule about one subject (a resource's URN, `release`, `plan`), when it did not pass."""

    policy: str
    title: str
    urn: str
    result: Result
    effect: Effect
    severity: bundle.Severity
    level: bundle.Level
    message: str
    controls: list[bundle.Control]
    remediation: str
    source: Source | None = None
    waived_by: str | None = None

    def __str__(self) -> str:
        name = self.urn.rsplit("::", 1)[-1]
        return f"{self.policy} {name}: {self.message}. {self.remediation}"


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
    dry_run: bool
    subject: str = ""
    """The resource's URN at the resource gate, the model's name at the release gate."""
    findings: list[Finding] = []
    fault: Fault | None = None
    coverage: Coverage = Coverage()
    bundle: BundleRef
    input_digest: str
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
        listed = "\n".join(f"  {finding}" for finding in self.denials)
        count = len(self.denials)
        raise FalajError("GATE-001", f"{self.gate} {self.stack}", f"{count} finding{'s' * (count > 1)}:\n{listed}")


class Gate:
    """A gate on one OPA with one bundle; a context manager. Thread-safe."""

    def __init__(self, url: str, token: str, bundle_digest: str, log: Path, *, timeout: float = ANSWER_SECONDS) -> None:
        """Raises when OPA does not answer, is too old, or serves another bundle (GATE-003 to GATE-012)."""
        self.digest = bundle_digest
        self.log = log
        self._opa = Opa(url, token, bundle_digest, timeout)
        self._resources = contextlib.ExitStack()
        self._resources.callback(self._opa.close)
        try:
            self.rules = self._catalogue()
        except BaseException:
            self.close()
            raise

    @classmethod
    def start(cls, log: Path, *, timeout: float = ANSWER_SECONDS) -> Self:
        """A gate with this checkout's packs, on an OPA of its own; on `$OPA_URL` (and `$OPA_TOKEN_FILE`) if set."""
        if url := os.environ.get("OPA_URL"):
            return cls(url, _token(os.environ.get("OPA_TOKEN_FILE")), bundle.digest(), log, timeout=timeout)
        with contextlib.ExitStack() as resources:
            path = opa.binary()
            opa.require_version(opa.version(path), str(path))
            staged = bundle.stage(log.parent / "bundles")
            server = resources.enter_context(opa.serve(path, staged.path))
            gate = cls(server.url, server.token, staged.digest, log, timeout=timeout)
            gate.server = server
            gate._resources.push(resources.pop_all().__exit__)  # ours now
            return gate

    @classmethod
    def connect(cls, url: str, token: str, bundle_digest: str, log: Path, *, timeout: float = ANSWER_SECONDS) -> Self:
        """A gate on a decision server that is already running."""
        return cls(url, token, bundle_digest, log, timeout=timeout)

    server: opa.Server | None = None
    """Our own OPA, when there is one."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def engine(self) -> str:
        """The engine that decides, as it states itself: "opa 1.22.2"."""
        return self._opa.engine

    def close(self) -> None:
        """Stop our OPA and its connections; nothing is allowed afterwards."""
        self._resources.close()

    def decide(self, document: Document | Mapping[str, Any]) -> Decision:
        """Judge and record. Never raises for a deny: whatever goes wrong is a deny with a `fault`."""
        began = time.monotonic()
        decision_id, question, fault, revision = str(uuid.uuid4()), None, None, ""
        findings: list[Finding] = []
        coverage = Coverage()
        input_digest = ""
        try:
            question = _validated(document)
            body, input_digest = _plain(question)
            answer, revision = self._ask({**body, "canary": decision_id})
            findings, coverage = self._judge(answer, question, decision_id)
        except FalajError as error:
            fault = Fault(code=error.code, place=error.place, problem=error.problem)
        denied = fault is not None or any(finding.effect == "deny" for finding in findings)
        decision = Decision(
            decision_id=decision_id,
            verdict="deny" if denied else "allow",
            code=fault.code if fault else "GATE-001" if denied else None,
            gate=question.gate if question else "unknown",
            stack=question.stack.name if question else "",
            profile=question.stack.profile if question else "prod",
            dry_run=question.stack.dry_run if question else False,
            subject=_subject(question) if question else "",
            findings=findings,
            fault=fault,
            coverage=coverage,
            bundle=BundleRef(revision=revision, digest=self.digest),
            input_digest=input_digest,
            params=question.params if question else {},
            engine=self.engine,
            now=question.now if question else "",
            duration_ms=round((time.monotonic() - began) * 1000, 3),
        )
        return self._recorded(decision)

    def _recorded(self, decision: Decision) -> Decision:
        """What is not recorded is not allowed. One resource's allow need not wait for the disk; the stack's does."""
        durable = not (decision.allowed and decision.gate == "resource")
        try:
            record.append(self.log, decision.model_dump(mode="json"), durable=durable)
        except FalajError as error:
            fault = decision.fault or Fault(code=error.code, place=error.place, problem=error.problem)
            return decision.model_copy(update={"verdict": "deny", "code": fault.code, "fault": fault})
        return decision

    def _judge(self, answer: _Answer, question: Document, decision_id: str) -> tuple[list[Finding], Coverage]:
        """Levels, unknowns and coverage, applied here and nowhere else."""
        results = dict(answer.results)
        canary = results.pop(bundle.CANARY, {}).get("canary")
        if canary is None or canary.result != "fail" or decision_id not in canary.message:
            raise FalajError(
                "GATE-011", self._opa.url, f"the canary said {canary}, it must fail and name this question"
            )
        known = self.rules.keys() - {bundle.CANARY}
        if answer.errored or results.keys() != known:
            wrong = sorted({*answer.errored, *(results.keys() ^ known)})
            raise FalajError(
                "GATE-011", self._opa.url, f"these rules gave no result, or are not in the bundle: {wrong}"
            )
        findings = [
            self._finding(self.rules[policy], urn, verdict, question)
            for policy, verdicts in sorted(results.items())
            for urn, verdict in sorted(verdicts.items())
            if verdict.result != "pass"
        ]
        coverage = Coverage(
            evaluated={policy: len(verdicts) for policy, verdicts in sorted(results.items()) if verdicts},
            indeterminate={
                policy: count
                for policy, verdicts in sorted(results.items())
                if (count := sum(verdict.result == "indeterminate" for verdict in verdicts.values()))
            },
            not_applicable=sorted(policy for policy, verdicts in results.items() if not verdicts),
        )
        if not coverage.evaluated and question.gate in _MUST_EVALUATE:
            types = sorted({resource.type for resource in question.resources.values()})
            raise FalajError("GATE-010", f"{question.gate} {question.stack.name}", f"no rule is about any of {types}")
        return findings, coverage

    def _finding(self, rule: bundle.Rule, urn: str, verdict: _Verdict, question: Document) -> Finding:
        level = rule.level.dev if question.stack.profile == "dev" else rule.level.prod
        resource = question.resources.get(urn)
        return Finding(
            policy=rule.id,
            title=rule.title,
            urn=urn,
            result=verdict.result,
            effect=_effect(rule, level, verdict.result, dry_run=question.stack.dry_run),
            severity=rule.severity,
            level=level,
            message=verdict.message,
            controls=rule.controls,
            remediation=rule.remediation,
            source=resource.source if resource else None,
        )

    def _catalogue(self) -> dict[str, bundle.Rule]:
        """The rules the server has; checks its version and its bundle."""
        result, _ = self._opa.query("catalogue", {})
        try:
            rules = TypeAdapter(dict[str, bundle.Rule]).validate_python(result)
        except ValidationError as error:
            raise FalajError("GATE-008", self._opa.url, f"the catalogue has {summary(error)}") from error
        if bundle.CANARY not in rules:
            raise FalajError("GATE-008", self._opa.url, f"the catalogue has no {bundle.CANARY}")
        return rules

    def _ask(self, body: Mapping[str, Any]) -> tuple[_Answer, str]:
        result, revision = self._opa.query("gate/decision", body)
        try:
            return _Answer.model_validate(result, strict=True), revision
        except ValidationError as error:
            raise FalajError("GATE-008", self._opa.url, f"the answer has {summary(error)}") from error


def _effect(rule: bundle.Rule, level: bundle.Level, result: Result, *, dry_run: bool) -> Effect:
    """What a result that is no pass does. `defer` waits for the real value in a preview; after that there is none."""
    if result == "indeterminate":
        if rule.on_unknown == "allow":
            return "note"
        if rule.on_unknown == "defer" and dry_run:
            return "defer"
    return "deny" if level == "mandatory" else "advise"


def _subject(question: Document) -> str:
    if question.gate == "release":
        return str((question.release or {}).get("model", ""))
    return next(iter(question.resources), "") if question.gate == "resource" else ""


def _validated(document: Document | Mapping[str, Any]) -> Document:
    if isinstance(document, Document):
        return document
    try:
        return Document.model_validate(dict(document))
    except ValidationError as error:
        raise FalajError("GATE-013", "document", f"the document has {summary(error)}") from error


def _plain(question: Document) -> tuple[dict[str, Any], str]:
    """The question as JSON, and its digest."""
    try:
        body = question.as_input()
        return body, digest(body)
    except (ValueError, TypeError, RecursionError) as error:
        raise FalajError("GATE-013", "document", f"the document is not plain JSON: {error}") from error


def _token(file: str | None) -> str:
    try:
        return Path(file).read_text().strip() if file else ""
    except OSError as error:
        raise FalajError("GATE-012", str(file), f"the token file cannot be read: {error.strerror}") from error
