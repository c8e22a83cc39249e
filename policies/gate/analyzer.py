"""The engine's policy pack: `pulumi-analyzer-policy-falaj <engine address> .`, a gRPC server on loopback.

The engine starts it for `runtime: falaj` (policies/PulumiPolicy.yaml), reads its port from standard output, asks about
every resource before it is created (Analyze) and about the stack at the end (AnalyzeStack). It reads the raw structs:
`pulumi_policy`'s proxies turn a mandatory rule into an advisory at the first unknown, and hand out secrets as text.
"""

# ruff: noqa: N802  the methods' names are the protocol's

import contextlib
import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc, plugin_pb2

from infra.errors import FalajError
from infra.home import home
from policies.gate import bundle, document, receipt
from policies.gate.decide import Decision, Finding, Gate

# GetAnalyzerInfo and the diagnostics may not use the engine's default of 4 MB for a whole stack.
_OPTIONS = [("grpc.max_receive_message_length", 400 * 1024 * 1024), ("grpc.so_reuseport", 0)]
_LOOK_SECONDS = 0.5
_SEVERITY: Mapping[str, Any] = {
    "low": pb.POLICY_SEVERITY_LOW,
    "medium": pb.POLICY_SEVERITY_MEDIUM,
    "high": pb.POLICY_SEVERITY_HIGH,
    "critical": pb.POLICY_SEVERITY_CRITICAL,
}


class Analyzer(analyzer_pb2_grpc.AnalyzerServicer):
    """One engine's questions, each answered by one decision of the gate."""

    def __init__(self, gate: Gate, stopping: threading.Event) -> None:
        self._gate = gate
        self._stopping = stopping
        self._stack = document.Stack()  # until ConfigureStack says otherwise: the strictest reading
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
            self._stack = _stack(request)
        except (ValueError, TypeError) as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(FalajError("GATE-013", request.stack, str(error))))
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
        return plugin_pb2.PluginInfo(version=receipt.plugin_version(self._gate.digest))

    def GetAnalyzerInfo(self, request: empty_pb2.Empty, context: Any) -> pb.AnalyzerInfo:
        """The catalogue of rules, at the levels of this stack's profile."""
        del request, context
        return pb.AnalyzerInfo(
            name=receipt.PACK,
            displayName="Falaj policy gate",
            version=receipt.PLUGIN_VERSION,
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
                for rule in self._gate.rules.values()
                if rule.id != bundle.CANARY
            ],
        )

    def Analyze(self, request: pb.AnalyzeRequest, context: Any) -> pb.AnalyzeResponse:
        """One resource, by its checked inputs, before anything happens to it."""
        del context
        return self._answer("resource", [request])

    def AnalyzeStack(self, request: pb.AnalyzeStackRequest, context: Any) -> pb.AnalyzeResponse:
        """All resources, by their outputs, when everything succeeded; in `up` that is after creation."""
        del context
        return self._answer("stack", list(request.resources))

    def Remediate(self, request: pb.AnalyzeRequest, context: Any) -> pb.RemediateResponse:
        """Nothing is changed behind the user's back."""
        del request, context
        return pb.RemediateResponse()

    def Cancel(self, request: empty_pb2.Empty, context: Any) -> empty_pb2.Empty:
        """The engine is stopping: so are we."""
        del request, context
        self._stopping.set()
        return empty_pb2.Empty()

    def _answer(self, gate: Any, asked: list[Any]) -> pb.AnalyzeResponse:
        question = document.Document(
            gate=gate, stack=self._stack, resources={item.urn: _resource(item) for item in asked}
        )
        decision = self._gate.decide(question)
        urn = asked[0].urn if gate == "resource" else ""
        return pb.AnalyzeResponse(
            diagnostics=[*_fault(decision, urn), *self._news(decision)],
            not_applicable=[
                pb.PolicyNotApplicable(policy_name=policy, reason="no resource it is about")
                for policy in decision.coverage.not_applicable
            ],
        )

    def _news(self, decision: Decision) -> list[pb.AnalyzeDiagnostic]:
        """What the engine has not been told: the stack repeats what its resources said, and those stopped the run."""
        shown = [finding for finding in decision.findings if finding.effect in _SHOWN]
        news = [finding for finding in shown if f"{finding.effect} {finding.urn} {finding}" not in self._told]
        self._told.update(f"{finding.effect} {finding.urn} {finding}" for finding in news)
        return [_diagnostic(finding) for finding in (news if decision.gate == "stack" else shown)]


_SHOWN = ("deny", "advise")
"""What the user sees; what a preview defers or a rule allows unknown is in the record and no noise here."""


def _fault(decision: Decision, urn: str) -> list[pb.AnalyzeDiagnostic]:
    if decision.fault is None:
        return []
    error = FalajError(decision.fault.code, decision.fault.place, decision.fault.problem)
    return [
        pb.AnalyzeDiagnostic(
            policyName=error.code,
            policyPackName=receipt.PACK,
            policyPackVersion=receipt.PLUGIN_VERSION,
            description=error.entry.title,
            message=str(error),
            enforcementLevel=pb.MANDATORY,
            urn=urn,
            severity=pb.POLICY_SEVERITY_CRITICAL,
        )
    ]


def _diagnostic(finding: Finding) -> pb.AnalyzeDiagnostic:
    return pb.AnalyzeDiagnostic(
        policyName=finding.policy,
        policyPackName=receipt.PACK,
        policyPackVersion=receipt.PLUGIN_VERSION,
        description=finding.title,
        message=str(finding),
        enforcementLevel=pb.MANDATORY if finding.effect == "deny" else pb.ADVISORY,
        urn=finding.urn if finding.urn.startswith("urn:") else "",
        severity=_SEVERITY[finding.severity],
    )


def _level(level: bundle.Level) -> Any:
    return pb.MANDATORY if level == "mandatory" else pb.ADVISORY


def _resource(item: Any) -> document.Resource:
    """An AnalyzeRequest or an AnalyzerResource, redacted. Only the latter knows dependencies."""
    properties = document.plain(item.properties)
    edges = document.edges(properties)
    for path, dependencies in getattr(item, "propertyDependencies", {}).items():
        edges[path] = sorted({*edges.get(path, []), *dependencies.urns})
    provider = {"type": item.provider.type, "urn": item.provider.urn, "name": item.provider.name}
    return document.Resource(
        type=item.type,
        name=item.name,
        inputs=document.redact(properties),
        parent=getattr(item, "parent", "") or item.options.parent,
        provider={**document.from_engine(item.provider.properties), **provider} if item.HasField("provider") else {},
        options={
            "protect": item.options.protect,
            "ignore_changes": list(item.options.ignoreChanges),
            "aliases": list(item.options.aliases),
        },
        edges=edges,
    )


def _stack(request: pb.AnalyzerStackConfigureRequest) -> document.Stack:
    """The stack's facts from its configuration; what is secret or missing there takes the strictest reading."""
    prefix = "falaj:"
    settings = {
        key.removeprefix(prefix): value
        for key, value in request.config.items()
        if key.startswith(prefix) and key not in request.config_secret_keys
    }
    return document.Stack(
        name=request.stack,
        project=request.project,
        kind=settings.get("kind", "region"),  # pyright: ignore[reportArgumentType]  pydantic checks it
        profile=settings.get("profile", "prod"),  # pyright: ignore[reportArgumentType]
        jurisdiction=settings.get("jurisdiction", ""),
        regimes=json.loads(settings.get("regimes", "[]")),
        tenant=settings.get("tenant"),
        dry_run=request.dry_run,
    )


def serve(engine: str, stopping: threading.Event) -> None:
    """Serve one engine until it goes away or `stopping` is set. The port is printed last: then everything is ready."""
    parent = os.getppid()
    with contextlib.ExitStack() as resources:
        gate = resources.enter_context(Gate.start(log=home() / "gate" / "decisions.jsonl"))
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=_OPTIONS)
        analyzer_pb2_grpc.add_AnalyzerServicer_to_server(Analyzer(gate, stopping), server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        resources.callback(lambda: server.stop(grace=0.2).wait())
        resources.enter_context(
            receipt.left(receipt.Receipt(engine=engine, port=port, pid=os.getpid(), bundle=gate.digest))
        )
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        while not stopping.wait(_LOOK_SECONDS):
            if os.getppid() != parent:
                return


def main() -> None:
    """`pulumi-analyzer-policy-falaj <engine address> .`; a gate that cannot start ends here, and the run with it."""
    stopping = threading.Event()

    def stop(*_: object) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    if len(sys.argv) < 2:
        sys.exit("usage: pulumi-analyzer-policy-falaj ENGINE_ADDRESS [PACK]  (the Pulumi engine runs it)")
    try:
        serve(sys.argv[1], stopping)
    except FalajError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(int(error.entry.exit))


if __name__ == "__main__":
    main()
