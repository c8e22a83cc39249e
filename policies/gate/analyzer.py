"""The engine's policy pack, a gRPC server on loopback: what the engine asks, and what the gate answers.

The engine asks about every resource before anything happens to it (Analyze) and about the stack at the end
(AnalyzeStack). In a preview nothing happens, so resources are collected and judged together at the end, in one
question: that is faster by far, and only then the edges between them are known. In an apply each is judged before it is
made. It reads the raw structs: `pulumi_policy`'s proxies turn a mandatory rule into an advisory at the first unknown,
and hand out secrets as text.
"""

# ruff: noqa: N802  the methods' names are the protocol's

import threading
from collections.abc import Iterable, Mapping
from typing import Any, cast

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc, plugin_pb2

from infra.errors import FalajError
from infra.home import home
from policies.gate import about, bundle, document, redact, ticket
from policies.gate.decision import Decision, Finding
from policies.gate.receipt import PACK, PLUGIN_VERSION, plugin_version
from policies.gate.starting import Starting

_SEVERITY: Mapping[str, Any] = {
    "low": pb.POLICY_SEVERITY_LOW,
    "medium": pb.POLICY_SEVERITY_MEDIUM,
    "high": pb.POLICY_SEVERITY_HIGH,
    "critical": pb.POLICY_SEVERITY_CRITICAL,
}


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """One engine's questions, each answered by one decision of the gate."""

    def __init__(self, gate: Starting, rules: Iterable[bundle.Rule], digest: str, stopping: threading.Event) -> None:
        self._gate = gate
        self._rules = [rule for rule in rules if rule.id != bundle.CANARY]
        self._digest = digest
        self._stopping = stopping
        self._stack = document.Stack()  # until ConfigureStack says otherwise: the strictest reading
        self._params: dict[str, Any] = {}
        self._ticket: ticket.Ticket | None = None
        self._asked: dict[str, Any] = {}
        self._told: set[str] = set()

    def Handshake(self, request: pb.AnalyzerHandshakeRequest, context: Any) -> pb.AnalyzerHandshakeResponse:
        """Nothing to agree on: the address came as an argument."""
        del request, context
        return pb.AnalyzerHandshakeResponse()

    def ConfigureStack(
        self, request: pb.AnalyzerStackConfigureRequest, context: Any
    ) -> pb.AnalyzerStackConfigureResponse:
        """Which stack the coming questions are about."""
        try:
            self._stack, self._params = _stack(request)
        except FalajError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except (ValueError, TypeError) as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(FalajError("GATE-013", request.stack, str(error))))
        if not self._stack.dry_run:
            self._ticket = ticket.of(home() / "gate", self._stack.name, self._digest)
        self._asked.clear()
        return pb.AnalyzerStackConfigureResponse()

    def Configure(self, request: pb.ConfigureAnalyzerRequest, context: Any) -> empty_pb2.Empty:
        """Refused: a configuration could only weaken the levels."""
        names = ", ".join(sorted(request.policyConfig)) or "nothing"
        context.abort(
            grpc.StatusCode.INVALID_ARGUMENT, str(FalajError("GATE-018", "--policy-pack-config", f"it sets {names}"))
        )
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: Any) -> plugin_pb2.PluginInfo:
        """The version, with the bundle's digest: what a receipt is checked against."""
        del request, context
        return plugin_pb2.PluginInfo(version=plugin_version(self._digest))

    def GetAnalyzerInfo(self, request: empty_pb2.Empty, context: Any) -> pb.AnalyzerInfo:
        """The catalogue of rules, at the levels of this stack's profile."""
        del request, context
        return pb.AnalyzerInfo(
            name=PACK,
            displayName="Falaj policy gate",
            version=PLUGIN_VERSION,
            supportsConfig=False,
            policies=[
                pb.PolicyInfo(
                    name=rule.id,
                    displayName=rule.title,
                    description=rule.title,
                    enforcementLevel=_level(getattr(rule.level, self._stack.profile)),
                    policy_type=pb.POLICY_TYPE_RESOURCE,
                    severity=_SEVERITY[rule.severity],
                    remediation_steps=rule.remediation,
                )
                for rule in self._rules
            ],
        )

    def Analyze(self, request: pb.AnalyzeRequest, context: Any) -> pb.AnalyzeResponse:
        """One resource, by its checked inputs: in an apply judged before anything happens to it."""
        del context
        self._asked[request.urn] = request
        if self._stack.dry_run:
            return pb.AnalyzeResponse()
        return self._answer("resource", {request.urn: _resource(request, None)})

    def AnalyzeStack(self, request: pb.AnalyzeStackRequest, context: Any) -> pb.AnalyzeResponse:
        """All resources with what they depend on, when everything succeeded; in an apply that is after creation."""
        del context
        return self._answer(
            "stack", {item.urn: _resource(self._asked.get(item.urn, item), item) for item in request.resources}
        )

    def Remediate(self, request: pb.AnalyzeRequest, context: Any) -> pb.RemediateResponse:
        """Nothing is changed behind the user's back."""
        del request, context
        return pb.RemediateResponse()

    def Cancel(self, request: empty_pb2.Empty, context: Any) -> empty_pb2.Empty:
        """The engine is stopping: so are we."""
        del request, context
        self._stopping.set()
        return empty_pb2.Empty()

    def _answer(self, gate: Any, resources: dict[str, document.Resource]) -> pb.AnalyzeResponse:
        urn = next(iter(resources), "") if gate == "resource" else ""
        try:
            question = document.Document(gate=gate, stack=self._stack, params=self._params, resources=resources)
            decision = self._decide(question)
        except FalajError as error:
            return pb.AnalyzeResponse(diagnostics=[_fault(error, urn)])
        faults = [decision.fault] if decision.fault else []
        return pb.AnalyzeResponse(
            diagnostics=[
                *(_fault(FalajError(fault.code, fault.place, fault.problem), urn) for fault in faults),
                *self._news(decision),
            ],
            not_applicable=[
                pb.PolicyNotApplicable(policy_name=policy, reason="no resource it is about")
                for policy in decision.coverage.not_applicable
            ],
        )

    def _decide(self, question: document.Document) -> Decision:
        gate = self._gate.ready()
        if not self._stack.dry_run and (refusal := self._unplanned(question)):
            return gate.refuse(question, refusal)
        planned = self._ticket.resources if self._ticket else {}
        return gate.decide(question, ticketed={urn: item.waived for urn, item in planned.items()})

    def _unplanned(self, question: document.Document) -> FalajError | None:
        """Outside `dev`, what an allowed plan did not say is not made."""
        if self._stack.profile == "dev" or question.gate != "resource":
            return None
        if self._ticket is None:
            return FalajError("GATE-024", f"stack {self._stack.name}", "no plan of it was allowed by these rules")
        (urn, resource), *_ = question.resources.items()
        if resource.type.startswith("pulumi:providers:") and resource.name.startswith("default"):
            return None  # the engine's own, which no plan shows; rules judge them like any other
        if self._ticket.covers(urn, resource.type, resource.name, resource.inputs):
            return None
        return FalajError("GATE-024", urn, "it is not what the allowed plan said")

    def _news(self, decision: Decision) -> list[pb.AnalyzeDiagnostic]:
        """What the engine has not been told: the stack repeats what its resources said, and those stopped the run."""
        shown = [finding for finding in decision.findings if finding.effect in _SHOWN]
        news = [finding for finding in shown if f"{finding.effect} {finding.urn} {finding}" not in self._told]
        self._told.update(f"{finding.effect} {finding.urn} {finding}" for finding in news)
        return [_diagnostic(finding) for finding in (news if decision.gate == "stack" else shown)]


_SHOWN = ("deny", "advise")
"""What the user sees; what a preview defers or a rule allows unknown is in the record and no noise here."""


def _fault(error: FalajError, urn: str) -> pb.AnalyzeDiagnostic:
    return pb.AnalyzeDiagnostic(
        policyName=error.code,
        policyPackName=PACK,
        policyPackVersion=PLUGIN_VERSION,
        description=error.entry.title,
        message=str(error),
        enforcementLevel=pb.MANDATORY,
        urn=urn,
        severity=pb.POLICY_SEVERITY_CRITICAL,
    )


def _diagnostic(finding: Finding) -> pb.AnalyzeDiagnostic:
    return pb.AnalyzeDiagnostic(
        policyName=finding.policy,
        policyPackName=PACK,
        policyPackVersion=PLUGIN_VERSION,
        description=finding.title,
        message=str(finding),
        enforcementLevel=pb.MANDATORY if finding.effect == "deny" else pb.ADVISORY,
        urn=finding.urn if finding.urn.startswith("urn:") else "",
        severity=_SEVERITY[finding.severity],
    )


def _level(level: bundle.Level) -> Any:
    return pb.MANDATORY if level == "mandatory" else pb.ADVISORY


def _resource(item: Any, beside: Any) -> document.Resource:
    """What was asked (AnalyzeRequest), redacted, with what the stack knows beside it (AnalyzerResource, or None)."""
    properties = redact.plain(item.properties)
    edges = redact.edges(properties)
    for path, dependencies in getattr(beside, "propertyDependencies", {}).items():
        if dependencies.urns:
            edges[path] = sorted({*edges.get(path, []), *dependencies.urns})
    provider = {"type": item.provider.type, "urn": item.provider.urn, "name": item.provider.name}
    return document.Resource(
        type=item.type,
        name=item.name or item.urn.rsplit("::", 1)[-1],
        inputs=redact.redact(properties),
        parent=item.options.parent,
        provider={**redact.from_engine(item.provider.properties), **provider} if item.HasField("provider") else {},
        options={
            "protect": item.options.protect,
            "ignore_changes": list(item.options.ignoreChanges),
            "aliases": list(item.options.aliases),
        },
        edges=edges,
    )


def _stack(request: pb.AnalyzerStackConfigureRequest) -> tuple[document.Stack, dict[str, Any]]:
    """The stack's facts from its configuration; what is secret or missing there takes the strictest reading."""
    prefix = "falaj:"
    texts = cast("Mapping[str, str]", request.config)
    settings = {
        key.removeprefix(prefix): about.scalar(value)
        for key, value in texts.items()
        if key.startswith(prefix) and key not in request.config_secret_keys
    }
    return about.of_settings(settings, name=request.stack, project=request.project, dry_run=request.dry_run)
