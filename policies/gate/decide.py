"""The gate: one document in, one decision out. Whatever is not a clear allow is a deny with its own code."""

import contextlib
import os
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from infra.errors import FalajError
from policies.gate import approvals, bundle, documents, opa, params, record, waivers
from policies.gate.answer import Answer, Judged, Verdict
from policies.gate.ask import Opa, summary
from policies.gate.decision import BundleRef, Coverage, Decision, Effect, Fault, Finding, Result
from policies.gate.document import Document, Stack, canonical, text_digest
from policies.gate.index import index

ANSWER_SECONDS = 30.0
SKEW_SECONDS = 300
MOST_BYTES = 200 * 1024 * 1024
"""A document of more is refused before OPA, which takes 256 MiB, cuts it off."""
_MUST_EVALUATE = ("stack", "plan", "review", "release", "tenant")
"""Gates at which silence denies. A single resource may well be of a type no rule is about (a component, a provider)."""


class Gate:
    """A gate on one OPA with one bundle; a context manager. Thread-safe."""

    def __init__(self, url: str, token: str, bundle_digest: str, log: Path, *, timeout: float = ANSWER_SECONDS) -> None:
        """Raises when OPA does not answer, is too old, or serves another bundle (GATE-003 to GATE-012)."""
        self.digest = bundle_digest
        self.log = log
        self._latest: datetime | None = None
        self._signed: dict[str, list[waivers.Signed]] = {}
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

    def decide(
        self,
        document: Document | Mapping[str, Any],
        *,
        ticketed: Mapping[str, Mapping[str, str]] | None = None,
        again: bool = False,
    ) -> Decision:
        """Judge and record. Never raises for a deny: whatever goes wrong is a deny with a `fault`.

        `ticketed` is {urn: {policy: waiver}} of what a waiver lifted in the plan that is being applied. `again` takes
        the question's own time and approvals as they were: for a replay, from which nothing follows.
        """
        began = time.monotonic()
        decision = self._decided(document, ticketed or {}, again=again)
        duration = round((time.monotonic() - began) * 1000, 3)
        return self._recorded(decision.model_copy(update={"duration_ms": duration}))

    def _decided(
        self, document: Document | Mapping[str, Any], ticketed: Mapping[str, Mapping[str, str]], *, again: bool
    ) -> Decision:
        decision_id, question, fault, revision = str(uuid.uuid4()), None, None, ""
        findings: list[Finding] = []
        coverage = Coverage()
        input_digest = ""
        standing: list[waivers.Signed] = []
        try:
            question = _validated(document)
            if not again:
                self._clock(question)
            signed = self._waivers(question.stack.name)
            question = self._with_facts(question, signed, again=again)
            body, input_digest = _plain(question)
            self._keep(question, body, input_digest)
            sorted_ = index(body["resources"], body["operations"])
            answer, revision = self._ask({**body, "index": sorted_, "canary": decision_id})
            results = self._results(answer, decision_id)
            coverage = self._coverage(results, question)
            findings, standing = self._judge(results, question, signed, ticketed)
        except FalajError as error:
            fault = Fault(code=error.code, place=error.place, problem=error.problem)
        return self._made(
            decision_id,
            question,
            fault=fault,
            findings=findings,
            coverage=coverage,
            revision=revision,
            input_digest=input_digest,
            standing=standing,
        )

    def _made(
        self,
        decision_id: str,
        question: Document | None,
        *,
        fault: Fault | None,
        findings: Sequence[Finding] = (),
        coverage: Coverage | None = None,
        revision: str = "",
        input_digest: str = "",
        standing: Sequence[waivers.Signed] = (),
    ) -> Decision:
        denied = fault is not None or any(finding.effect == "deny" for finding in findings)
        stack = question.stack if question else Stack()
        return Decision(
            decision_id=decision_id,
            verdict="deny" if denied else "allow",
            code=fault.code if fault else "GATE-001" if denied else None,
            gate=question.gate if question else "unknown",
            stack=stack.name,
            profile=stack.profile,
            jurisdiction=stack.jurisdiction,
            regime=stack.regime,
            author=stack.author,
            dry_run=stack.dry_run,
            subject=_subject(question) if question else "",
            findings=list(findings),
            fault=fault,
            coverage=coverage or Coverage(),
            bundle=BundleRef(revision=revision, digest=self.digest),
            input_digest=input_digest,
            plan=(question.plan or {}).get("digest") if question else None,
            waivers={item.waiver.id: item.digest for item in standing},
            approvals=sorted({str(fact["by"]) for fact in question.approvals}) if question else [],
            params=question.params if question else {},
            engine=self.engine,
            now=question.now if question else "",
            duration_ms=0,
        )

    def refuse(self, question: Document, error: FalajError) -> Decision:
        """Deny and record what need not be judged at all."""
        fault = Fault(code=error.code, place=error.place, problem=error.problem)
        return self._recorded(self._made(str(uuid.uuid4()), question, fault=fault))

    def _recorded(self, decision: Decision) -> Decision:
        """What is not recorded is not allowed. One resource's allow need not wait for the disk; the stack's does."""
        durable = not (decision.allowed and decision.gate == "resource")
        try:
            record.append(self.log, decision.model_dump(mode="json"), durable=durable)
        except FalajError as error:
            fault = decision.fault or Fault(code=error.code, place=error.place, problem=error.problem)
            return decision.model_copy(update={"verdict": "deny", "code": fault.code, "fault": fault})
        return decision

    def _clock(self, question: Document) -> None:
        """Waivers and approvals end by the clock: one that went back, or that the question disagrees with, denies."""
        now, asked = datetime.now(UTC), _moment(question.now)
        if self._latest is None:
            self._latest = _moment(record.last(self.log).get("now") or question.now)
        for other, what in ((asked, "the question's time"), (self._latest, "the last decision")):
            ahead = (other - now).total_seconds()
            if ahead > SKEW_SECONDS or (other is asked and -ahead > SKEW_SECONDS):
                raise FalajError(
                    "GATE-023", "clock", f"it says {now:%Y-%m-%d %H:%M:%SZ}, {what} is {other:%Y-%m-%d %H:%M:%SZ}"
                )

    def _waivers(self, stack: str) -> list[waivers.Signed]:
        if stack not in self._signed:
            self._signed[stack] = waivers.load(stack)
        return self._signed[stack]

    def _with_facts(self, question: Document, signed: list[waivers.Signed], *, again: bool) -> Document:
        """The question with what is known about waivers and, of a plan or model, approvals: never what is claimed."""
        strict = params.unwaivable(question.stack.regimes)
        asked = question.release if question.gate == "release" else question.plan
        digest = (asked or {}).get("digest")
        given: dict[str, Any] = {"waivers": [item.facts(self.rules, strict) for item in signed]}
        if not again:
            given["approvals"] = approvals.facts(self.log.parent, digest) if approvals.is_digest(digest) else []
        return question.model_copy(update=given)

    def _keep(self, question: Document, body: Mapping[str, Any], name: str) -> None:
        """Keep what was asked, redacted as it is, so that it can be asked again of later rules."""
        if question.gate != "resource":
            documents.keep(self.log.parent, name, body)

    def _results(self, answer: Answer, decision_id: str) -> dict[str, Judged]:
        """What each rule said; all of them must have, and the canary must have failed at this very question."""
        results = dict(answer.rules)
        canary = results.pop(bundle.CANARY, Judged(judged=0, open={})).open.get("canary")
        if canary is None or canary.result != "fail" or decision_id not in canary.message:
            raise FalajError(
                "GATE-011", self._opa.url, f"the canary said {canary}, it must fail and name this question"
            )
        known = self.rules.keys() - {bundle.CANARY}
        if answer.errored or not results.keys() <= known:
            wrong = sorted({*answer.errored, *(results.keys() - known)})
            raise FalajError(
                "GATE-011", self._opa.url, f"these rules gave no result, or are not in the bundle: {wrong}"
            )
        return results

    def _coverage(self, results: Mapping[str, Judged], question: Document) -> Coverage:
        """Which rules judged what; where none judged anything but the stack's own settings, silence denies."""
        missing = self.rules.keys() - results.keys() - {bundle.CANARY}
        expected = {name for name in missing if question.gate == "resource" and self.rules[name].needs == "stack"}
        if missing != expected:
            raise FalajError("GATE-011", self._opa.url, f"these rules gave no result: {sorted(missing - expected)}")
        coverage = Coverage(
            evaluated={policy: rule.judged for policy, rule in sorted(results.items()) if rule.judged},
            indeterminate={
                policy: count
                for policy, rule in sorted(results.items())
                if (count := sum(verdict.result == "indeterminate" for verdict in rule.open.values()))
            },
            not_applicable=sorted(policy for policy, rule in results.items() if not rule.judged),
        )
        telling = [name for name in coverage.evaluated if not set(self.rules[name].applies_to) <= {"stack", "waiver"}]
        silent = not telling or (question.gate != "release" and not question.resources)
        if silent and question.gate in _MUST_EVALUATE:
            types = sorted({resource.type for resource in question.resources.values()})
            raise FalajError("GATE-010", f"{question.gate} {question.stack.name}", f"no rule is about any of {types}")
        return coverage

    def _judge(
        self,
        results: Mapping[str, Judged],
        question: Document,
        signed: list[waivers.Signed],
        ticketed: Mapping[str, Mapping[str, str]],
    ) -> tuple[list[Finding], list[waivers.Signed]]:
        """Levels, unknowns and waivers, applied here and nowhere else."""
        open_ = {urn for rule in results.values() for urn in rule.open}
        inputs = {urn: waivers.inputs_digest(question, urn) for urn in open_}
        found = [
            self._finding(self.rules[policy], urn, verdict, question, inputs[urn])
            for policy, rule in sorted(results.items())
            for urn, verdict in sorted(rule.open.items())
        ]
        denied = {finding.urn for finding in found if waivers.judges(finding.policy)}
        standing = waivers.standing(signed, denied)
        judged = [_waived(finding, standing, ticketed) for finding in found]
        if question.gate in waivers.WHOLE:
            used = {finding.waived_by for finding in judged}
            judged += [self._unused(item, question) for item in standing if item.waiver.id not in used]
        return judged, standing

    def _finding(self, rule: bundle.Rule, urn: str, verdict: Verdict, question: Document, inputs: str) -> Finding:
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
            inputs=inputs,
            source=resource.source if resource else None,
        )

    def _unused(self, item: waivers.Signed, question: Document) -> Finding:
        message = f"it lifts no finding of {item.waiver.policy} for the inputs it names"
        verdict = Verdict(result="fail", message=message)
        return self._finding(self.rules[waivers.UNUSED], f"waiver:{item.waiver.id}", verdict, question, item.digest)

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

    def _ask(self, body: Mapping[str, Any]) -> tuple[Answer, str]:
        result, revision = self._opa.query("gate/decision", body)
        try:
            return Answer.model_validate(result, strict=True), revision
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


def _waived(finding: Finding, standing: list[waivers.Signed], ticketed: Mapping[str, Mapping[str, str]]) -> Finding:
    """The finding, lifted when a waiver that stands is about it, or was in the plan that is being applied."""
    if finding.effect not in ("deny", "advise") or waivers.judges(finding.policy):
        return finding
    planned = ticketed.get(finding.urn, {}).get(finding.policy)
    still = planned if planned in {item.waiver.id for item in standing} else None
    by = still or waivers.lifting(standing, finding.policy, finding.urn, finding.inputs)
    return finding.model_copy(update={"effect": "waive", "waived_by": by}) if by else finding


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise FalajError("GATE-013", "document", f"`now` is {text[:40]!r}, no RFC 3339 time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


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
        text = canonical(body)
    except (ValueError, TypeError, RecursionError) as error:
        raise FalajError("GATE-013", "document", f"the document is not plain JSON: {error}") from error
    if len(text) > MOST_BYTES:
        raise FalajError("GATE-022", "document", f"it has {len(text):,} bytes, {MOST_BYTES:,} is the most")
    return body, text_digest(text)


def _token(file: str | None) -> str:
    try:
        return Path(file).read_text().strip() if file else ""
    except OSError as error:
        raise FalajError("GATE-012", str(file), f"the token file cannot be read: {error.strerror}") from error
