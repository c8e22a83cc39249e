"""The gate with a real OPA: what it allows, what it denies, and that everything else is a deny with its own code."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from infra.errors import FalajError
from policies.gate import bundle, decide, document, opa, record
from policies.gate.decide import Gate
from policies.gate.document import Document, Stack, from_plan, from_release
from policies.gate.redact import SECRET, UNKNOWN

EVERYWHERE = "0.0.0.0"
DEV = Stack(name="local", project="falaj", profile="dev", dry_run=True)
APPLY = DEV.model_copy(update={"dry_run": False})
PROD = APPLY.model_copy(update={"profile": "prod"})


def test_a_good_plan_is_allowed_and_recorded(gate: Gate, ask: Any) -> None:
    before = record.verify(gate.log).records
    decision = gate.decide(ask.plan())
    decision.raise_if_denied()
    assert (decision.verdict, decision.findings, decision.code) == ("allow", [], None)
    assert decision.coverage.evaluated["LOC-001"] == 3
    assert "REL-001" in decision.coverage.not_applicable
    assert decision.bundle.revision == decision.bundle.digest == bundle.digest()
    assert decision.engine.startswith("opa 1.")
    assert record.verify(gate.log).records == before + 1
    last = json.loads(gate.log.read_text().splitlines()[-1])["record"]
    assert decide.Decision.model_validate(last) == decision


@pytest.mark.parametrize(
    ("kind", "changed", "policy", "text"),
    [
        ("RayRuntime", {"bind": EVERYWHERE}, "LOC-001", 'bind is "0.0.0.0", must be a loopback address'),
        ("DecisionServer", {"auth": "none"}, "LOC-002", 'auth is "none", must be token'),
        ("ObjectStore", {"encryption": "none"}, "LOC-003", 'encryption is "none", must be AES-256-GCM'),
        ("TrackingServer", {"telemetry": True}, "LOC-004", "telemetry is true, must be false"),
        ("RayRuntime", {"cpus": None}, "LOC-005", "cpus is absent, must be a whole number"),
        ("ObjectStore", {"key_ring": "/s/store/k"}, "LOC-007", "outside the store's folder"),
        ("DecisionServer", {"auth": SECRET}, "LOC-002", "auth is a secret, which no rule can read"),
    ],
)
def test_each_violation_is_named_with_both_values(
    gate: Gate, ask: Any, kind: str, changed: dict[str, Any], policy: str, text: str
) -> None:
    for question in (ask.plan(**{kind: changed}), ask.resource(kind, **changed)):
        decision = gate.decide(question)
        (finding,) = decision.findings
        assert (decision.verdict, decision.code, finding.policy) == ("deny", "GATE-001", policy)
        with pytest.raises(FalajError) as raised:
            decision.raise_if_denied()
        for part in ("GATE-001", policy, kind.lower(), text, finding.remediation):
            assert part in str(raised.value)


def test_levels_follow_the_profile(gate: Gate, ask: Any) -> None:
    for stack, verdict, effect in ((DEV, "allow", "advise"), (PROD, "deny", "deny")):
        decision = gate.decide(ask.resource("Supervisor", stack, log_max_mib=0))
        assert (decision.verdict, [f.effect for f in decision.findings]) == (verdict, [effect])


def test_unknown_is_deferred_in_a_preview_only_where_the_rule_says_so(gate: Gate, ask: Any) -> None:
    for kind, name, stack, verdict, effect in (
        ("ObjectStore", "key_ring", DEV, "allow", "defer"),
        ("ObjectStore", "key_ring", APPLY, "deny", "deny"),
        ("RayRuntime", "bind", DEV, "deny", "deny"),
    ):
        decision = gate.decide(ask.resource(kind, stack, **{name: UNKNOWN}))
        assert decision.verdict == verdict
        assert {(f.result, f.effect) for f in decision.findings} == {("indeterminate", effect)}
        assert decision.coverage.indeterminate


def test_a_key_ring_is_not_taken_from_a_store_that_stays(gate: Gate, ask: Any) -> None:
    steps = [
        {"urn": urn, "type": r.type, "op": "delete" if "KeyRing" in urn else "same", "inputs": r.inputs}
        for urn, r in ask.plan().resources.items()
    ]
    decision = gate.decide(from_plan(steps, DEV))
    assert [finding.policy for finding in decision.denials] == ["LOC-008"]
    assert gate.decide(ask.plan(op="delete", RayRuntime={"bind": EVERYWHERE})).allowed


def test_a_single_resource_of_another_type_is_not_denied(gate: Gate, ask: Any) -> None:
    decision = gate.decide(ask.resource("Region"))
    assert decision.allowed
    assert "LOC-001" in decision.coverage.not_applicable


def test_a_release_needs_its_evidence(gate: Gate, cases: dict[str, Any]) -> None:
    assert gate.decide(from_release(cases["good_release"], DEV, cases["good_params"])).allowed
    for evidence in (None, {}, cases["good_release"] | {"signature": None}, cases["good_release"] | {"fairness": {}}):
        assert not gate.decide(from_release(evidence, DEV, cases["good_params"])).allowed
    decision = gate.decide(from_release(cases["good_release"], DEV, {}))
    assert {"REL-001", "REL-002", "REL-005"} <= {finding.policy for finding in decision.denials}


# --- everything else than a clear allow


@pytest.mark.parametrize(
    "question",
    [{}, {"schema": 2}, {"gate": "plan", "stack": {"profile": "staging"}}, {"gate": "x", "stack": {}, "extra": 1}],
)
def test_a_document_of_another_shape(gate: Gate, question: dict[str, Any]) -> None:
    decision = gate.decide(question)
    assert (decision.verdict, decision.code) == ("deny", "GATE-013")


def test_a_document_that_is_no_json(gate: Gate, ask: Any) -> None:
    for value in (float("nan"), float("inf"), object(), "\ud800"):
        decision = gate.decide(ask.resource("RayRuntime", bind=value))
        assert not decision.allowed


@pytest.mark.parametrize("name", ["stack", "review", "tenant"])
def test_silence_denies(gate: Gate, name: Any) -> None:
    decision = gate.decide(Document(gate=name, stack=DEV, resources={}))
    assert (decision.verdict, decision.code) == ("deny", "GATE-010")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rules": {"loc_001": "results.x := 1 / 0"}}, "GATE-011"),
        ({"rules": {"loc_001": 'results.x := to_number("x")'}}, "GATE-011"),
        ({"rules": {"loc_001": "results.x := v if some v in [1, 2]"}}, "GATE-011"),
        ({"rules": {"loc_001": "other := 1"}}, "GATE-011"),
        ({"rules": {"loc_001": "results := 1"}}, "GATE-011"),
        ({"rules": {"loc_001": "results := null"}}, "GATE-011"),
        ({"rules": {"loc_001": "results := false"}}, "GATE-011"),
        ({"rules": {"loc_001": 'results.x := {"result": "maybe", "message": ""}'}}, "GATE-008"),
        ({"rules": {"loc_001": 'results.x := {"result": "pass"}'}}, "GATE-008"),
        ({"rules": {"loc_001": 'results.x := {"result": true, "message": ""}'}}, "GATE-008"),
        ({"rules": {"can_000": 'results.canary := {"result": "pass", "message": ""}'}}, "GATE-011"),
        ({"rules": {"can_000": 'results.canary := {"result": "fail", "message": "always"}'}}, "GATE-011"),
        ({"rules": {"can_000": "results := {}"}}, "GATE-011"),
        ({"drop": ["lib/gate.rego"]}, "GATE-007"),
        ({"gate": "package falaj.gate\n\ndecision := 1"}, "GATE-008"),
        ({"gate": "package falaj.gate\n\ndecision := {}"}, "GATE-008"),
        ({"gate": 'package falaj.gate\n\ndecision := {"rules": {}, "errored": []}'}, "GATE-011"),
        ({"gate": 'package falaj.gate\n\ndecision := {"rules": {}, "errored": [], "allow": true}'}, "GATE-008"),
        ({"gate": "package falaj.gate\n\ndecision if input.never"}, "GATE-007"),
    ],
    ids=str,
)
def test_broken_packs(broken: Callable[..., Gate], ask: Any, change: dict[str, Any], code: str) -> None:
    gate = broken(**change)
    decision = gate.decide(ask.plan())
    assert (decision.verdict, decision.code) == ("deny", code), decision.fault
    with pytest.raises(FalajError, match=code):
        decision.raise_if_denied()
    assert json.loads(gate.log.read_text().splitlines()[-1])["record"]["code"] == code


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Gate]:
    with Gate.start(log=tmp_path / "gate" / "decisions.jsonl", timeout=0.5) as gate:
        yield gate


def test_opa_killed(own: Gate, ask: Any) -> None:
    assert own.server is not None
    assert own.decide(ask.plan()).allowed
    os.kill(own.server.pid, signal.SIGKILL)
    decision = own.decide(ask.plan())
    assert (decision.verdict, decision.code) == ("deny", "GATE-005")


def test_opa_stopped(own: Gate, ask: Any) -> None:
    assert own.server is not None
    os.kill(own.server.pid, signal.SIGSTOP)
    decision = own.decide(ask.plan())
    assert (decision.verdict, decision.code) == ("deny", "GATE-006")


def test_a_closed_gate(tmp_path: Path, ask: Any) -> None:
    with Gate.start(log=tmp_path / "decisions.jsonl") as gate:
        pass
    assert gate.decide(ask.plan()).code == "GATE-005"


def test_a_decision_that_cannot_be_recorded(own: Gate, ask: Any) -> None:
    own.log = own.log.parent
    decision = own.decide(ask.plan())
    assert (decision.verdict, decision.code) == ("deny", "GATE-014")


def test_a_log_that_was_changed(own: Gate, ask: Any) -> None:
    assert own.decide(ask.plan()).allowed
    own.log.write_text(own.log.read_text().replace('"allow"', '"deny"'))
    decision = own.decide(ask.plan())
    assert (decision.verdict, decision.code) == ("deny", "GATE-015")


# --- starting and connecting


def stand_in(tmp_path: Path, text: str) -> str:
    path = tmp_path / "opa"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (None, "GATE-002"),
        ("echo Version: 1.21.2", "GATE-003"),
        ("echo Version: 0.70.0", "GATE-003"),
        ("echo hello", "GATE-003"),
        ('[ "$1" = run ] && { echo no memory >&2; exit 1; }; exec {real} "$@"', "GATE-004.*no memory"),
        ('[ "$1" = inspect ] && exit 3; exec {real} "$@"', "GATE-017"),
    ],
)
def test_an_opa_that_will_not_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, code: str
) -> None:
    real = str(opa.binary())
    named = str(tmp_path / "absent") if script is None else stand_in(tmp_path, script.replace("{real}", real))
    monkeypatch.setenv("FALAJ_OPA", named)
    with pytest.raises(FalajError, match=code):
        Gate.start(log=tmp_path / "decisions.jsonl")


def test_an_opa_that_never_opens_its_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = '[ "$1" = run ] && exec sleep 60; exec {real} "$@"'.replace("{real}", str(opa.binary()))
    monkeypatch.setenv("FALAJ_OPA", stand_in(tmp_path, script))
    monkeypatch.setattr(opa, "START_SECONDS", 0.3)
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(FalajError, match=r"GATE-004.*opened no port"):
        Gate.start(log=tmp_path / "decisions.jsonl")
    assert set(psutil.Process().children(recursive=True)) <= before


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """A server that is no OPA of ours."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def provenance(version: str = "1.22.2", revision: str = "sha256:d", **more: Any) -> bytes:
    return json.dumps({"provenance": {"version": version, "bundles": {"b": {"revision": revision}}}, **more}).encode()


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"{}", "GATE-008"),
        (200, b"[]", "GATE-008"),
        (200, b"<html>", "GATE-008"),
        (200, b'{"result": true}', "GATE-008"),
        (200, b'{"provenance": {"version": "1.22.2"}, "result": {}}', "GATE-009"),
        (200, provenance(), "GATE-007"),
        (200, provenance(result=True), "GATE-008"),
        (200, provenance(result={}), "GATE-008"),
        (200, provenance(version="1.20.0", result={}), "GATE-003"),
        (200, provenance(revision="sha256:e", result={}), "GATE-009"),
        (500, b"{}", "GATE-011"),
        (503, b"busy", "GATE-011"),
        (404, b"", "GATE-011"),
        (401, b"{}", "GATE-012"),
        (302, b"", "GATE-008"),
    ],
)
def test_something_else_answers(tmp_path: Path, status: int, body: bytes, code: str) -> None:
    with answering(status, body) as url, pytest.raises(FalajError, match=code):
        Gate.connect(url, "t", "sha256:d", tmp_path / "decisions.jsonl")


def test_connect(gate: Gate, ask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gate.server is not None
    url, token, log = gate.server.url, gate.server.token, tmp_path / "decisions.jsonl"
    with Gate.connect(url, token, gate.digest, log) as other:
        assert other.decide(ask.plan()).allowed
    for wrong in ("", "x", token + "x"):
        with pytest.raises(FalajError, match="GATE-012"):
            Gate.connect(url, wrong, gate.digest, log)
    with pytest.raises(FalajError, match="GATE-009"):
        Gate.connect(url, token, "sha256:other", log)
    with pytest.raises(FalajError, match="GATE-005"):
        Gate.connect("http://127.0.0.1:1", token, gate.digest, log)
    with pytest.raises(FalajError, match="GATE-005"):
        Gate.connect("unix:///tmp/opa", token, gate.digest, log)
    file = tmp_path / "token"
    file.write_text(token + "\n")
    monkeypatch.setenv("OPA_URL", url)
    monkeypatch.setenv("OPA_TOKEN_FILE", str(file))
    with Gate.start(log=log) as other:
        assert other.server is None
        assert other.decide(ask.plan()).allowed
    monkeypatch.setenv("OPA_TOKEN_FILE", str(tmp_path / "none"))
    with pytest.raises(FalajError, match="GATE-012"):
        Gate.start(log=log)


def test_proxies_and_netrc_do_not_come_in_between(
    gate: Gate, ask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gate.server is not None
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with Gate.connect(gate.server.url, gate.server.token, gate.digest, tmp_path / "decisions.jsonl") as other:
        assert other.decide(ask.plan()).allowed


# --- processes


def test_two_gates_at_once(tmp_path: Path, ask: Any) -> None:
    log = tmp_path / "gate" / "decisions.jsonl"
    with Gate.start(log=log) as one, Gate.start(log=log) as two:
        assert one.server is not None
        assert two.server is not None
        assert one.server.url != two.server.url
        work = [
            threading.Thread(target=lambda g=g: [g.decide(ask.resource("KeyRing")) for _ in range(20)])
            for g in (one, two)
        ]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
    assert record.verify(log).records == 40
    assert not psutil.pid_exists(one.server.pid)
    assert not psutil.pid_exists(two.server.pid)


def test_opa_dies_with_whoever_started_it(tmp_path: Path) -> None:
    program = (
        "import sys,time; from pathlib import Path; from policies.gate.decide import Gate\n"
        "gate = Gate.start(log=Path(sys.argv[1])); print(gate.server.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "decisions.jsonl")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert psutil.pid_exists(pid)
        process.kill()
    deadline = time.monotonic() + 5
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not psutil.pid_exists(pid)


def test_opa_gets_no_environment_of_ours(own: Gate) -> None:
    assert own.server is not None
    assert set(psutil.Process(own.server.pid).environ()) == {opa.TOKEN_VARIABLE}
    assert own.server.token not in own.log.parent.joinpath("bundles").as_posix()
    assert own.server.token not in " ".join(psutil.Process(own.server.pid).cmdline())


def test_the_digest_of_the_question_is_recorded(gate: Gate, ask: Any) -> None:
    question = ask.plan()
    assert gate.decide(question).input_digest == document.digest(question.as_input())
