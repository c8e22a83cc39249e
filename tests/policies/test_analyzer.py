"""The analyzer as the engine drives it: the console script, over gRPC."""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb
from pulumi.runtime.proto import analyzer_pb2_grpc

from infra.errors import FalajError
from infra.home import home
from policies.gate import bundle, receipt, record, ticket
from tests.policies.conftest import urn

PACK = Path(bundle.__file__).parents[1]
SCRIPT = Path(sys.executable).parent / "pulumi-analyzer-policy-falaj"
CANARY = "canary-51ab9c"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": CANARY}
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
EVERYWHERE = "0.0.0.0"
EMPTY = empty_pb2.Empty()


class Engine:
    """As much of the engine as an analyzer sees: a listening address and a parent process."""

    def __init__(self, stack: ExitStack) -> None:
        self.socket = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        self.address = f"127.0.0.1:{self.socket.getsockname()[1]}"
        self.process = stack.enter_context(
            subprocess.Popen([SCRIPT, self.address, "."], cwd=PACK, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        )
        stack.callback(self.process.kill)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())
        self.channel = stack.enter_context(grpc.insecure_channel(f"127.0.0.1:{self.port}"))
        self.analyzer: Any = analyzer_pb2_grpc.AnalyzerStub(self.channel)
        self.opa = self._opa()

    def _opa(self) -> psutil.Process:
        """The gate starts behind the port that is printed."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with suppress(psutil.Error):
                for child in psutil.Process(self.process.pid).children():
                    if "run" in child.cmdline():
                        return child
            time.sleep(0.02)
        raise AssertionError("no OPA")

    def configure(self, profile: str = "dev", dry_run: bool = True, **config: str) -> None:
        settings = {
            f"falaj:{key}": value
            for key, value in {
                "profile": profile,
                "kind": "region",
                "jurisdiction": "local",
                "data_class": "public",
                **config,
            }.items()
        }
        self.analyzer.ConfigureStack(
            pb.AnalyzerStackConfigureRequest(stack="local", project="falaj", dry_run=dry_run, config=settings)
        )

    def judge(self, kind: str, inputs: dict[str, Any]) -> list[Any]:
        """What a preview says of one resource: nothing when it is asked about, everything at the end."""
        assert self.analyze(kind, inputs) == []
        name = kind.rsplit(":", 1)[-1].lower()
        item = pb.AnalyzerResource(type=kind, urn=f"urn:pulumi:local::falaj::{kind}::{name}")
        return list(self.analyzer.AnalyzeStack(pb.AnalyzeStackRequest(resources=[item]), timeout=10).diagnostics)

    def analyze(self, kind: str, inputs: dict[str, Any]) -> list[Any]:
        properties = struct_pb2.Struct()
        properties.update(inputs)
        name = kind.rsplit(":", 1)[-1].lower()
        urn = f"urn:pulumi:local::falaj::{kind}::{name}"
        request = pb.AnalyzeRequest(type=kind, urn=urn, name=name, properties=properties)
        return list(self.analyzer.Analyze(request, timeout=10).diagnostics)


@pytest.fixture
def start() -> Iterator[Callable[[], Engine]]:
    with ExitStack() as stack:
        yield lambda: Engine(stack)


@pytest.fixture
def engine(start: Callable[[], Engine]) -> Engine:
    return start()


def gone(*pids: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_good_resource_and_a_bad_one(engine: Engine, ask: Any, dry_run: bool) -> None:
    engine.configure(dry_run=dry_run)
    say = engine.judge if dry_run else engine.analyze
    good = ask.good["RayRuntime"]
    assert [d for d in say("falaj:local:RayRuntime", good) if d.policyName.startswith("LOC")] == []
    (diagnostic,) = [
        d for d in say("falaj:local:RayRuntime", good | {"bind": EVERYWHERE}) if d.policyName.startswith("LOC")
    ]
    assert diagnostic.policyName == "LOC-001"
    assert diagnostic.enforcementLevel == pb.MANDATORY
    assert diagnostic.severity == pb.POLICY_SEVERITY_CRITICAL
    for part in ("LOC-001", '"0.0.0.0"', "must be a loopback address", "Set `bind` to 127.0.0.1"):
        assert part in diagnostic.message


def test_levels_by_profile_and_the_strictest_before_any_is_known(engine: Engine, ask: Any) -> None:
    bad = ask.good["Supervisor"] | {"log_backups": 0}
    (unplanned,) = engine.analyze("falaj:local:Supervisor", bad)
    levels = [unplanned.enforcementLevel]
    for profile in ("dev", "prod"):
        engine.configure(profile)
        (told,) = [d for d in engine.judge("falaj:local:Supervisor", bad) if d.policyName == "LOC-006"]
        levels.append(told.enforcementLevel)
    assert levels == [pb.MANDATORY, pb.ADVISORY, pb.MANDATORY]


def test_unknowns(engine: Engine, ask: Any) -> None:
    store = ask.good["ObjectStore"] | {"key_ring": UNKNOWN}
    engine.configure(dry_run=True)
    assert [d for d in engine.judge("falaj:local:ObjectStore", store) if d.policyName.startswith("LOC")] == []
    told = engine.judge("falaj:local:RayRuntime", ask.good["RayRuntime"] | {"bind": UNKNOWN})
    (diagnostic,) = [d for d in told if d.policyName == "LOC-001"]
    assert (diagnostic.enforcementLevel, "not known yet" in diagnostic.message) == (pb.MANDATORY, True)
    engine.configure(dry_run=False)
    assert {d.policyName for d in engine.analyze("falaj:local:ObjectStore", store)} == {"LOC-003", "LOC-007"}


def test_an_apply_outside_dev_makes_what_was_planned_and_nothing_else(engine: Engine, ask: Any) -> None:
    kind, inputs = "falaj:local:KeyRing", ask.good["KeyRing"]
    prod = ask.stack.model_copy(update={"profile": "prod"})
    plan = ask.plan(prod, KeyRing={"path": {"$unknown": True}})
    plan = plan.model_copy(
        update={"resources": {f"urn:pulumi:local::falaj::{kind}::keyring": plan.resources[urn("KeyRing")]}}
    )
    engine.configure("prod", dry_run=False)
    assert [d.policyName for d in engine.analyze(kind, inputs)] == ["GATE-024"]
    with ticket.issued(home() / "gate", plan, "d", bundle.digest(), {}):
        engine.configure("prod", dry_run=False)
        told = [d.policyName for d in engine.analyze(kind, inputs)]
        assert "GATE-024" not in told, "what was not known may become anything"
        assert [d.policyName for d in engine.analyze(kind, inputs | {"generation": 2})] == ["GATE-024"]
        assert [d.policyName for d in engine.analyze("falaj:local:Supervisor", {})] == ["GATE-024"]
        engine.configure("dev", dry_run=False)
        assert "GATE-024" not in [d.policyName for d in engine.analyze("falaj:local:Supervisor", {})]


def test_no_secret_in_a_message_or_a_record(engine: Engine, ask: Any) -> None:
    engine.analyzer.ConfigureStack(
        pb.AnalyzerStackConfigureRequest(
            stack="local",
            config={"falaj:tenant": CANARY, "falaj:profile": "dev", "falaj:jurisdiction": "local"},
            config_secret_keys=["falaj:tenant"],
        )
    )
    for name, good in ask.good.items():
        for key in good:
            for value in (SECRET, [SECRET], {"a": SECRET}):
                text = str(engine.analyze(f"falaj:local:{name}", good | {key: value, "extra": value}))
                assert CANARY not in text
    log = home() / "gate" / "decisions.jsonl"
    assert record.verify(log).records > 30
    assert CANARY not in "".join(path.read_text() for path in home().rglob("*") if path.is_file())


def test_the_stack(engine: Engine, ask: Any) -> None:
    engine.configure()

    def resources(**changed: Any) -> Any:
        items = []
        for kind, inputs in ask.good.items():
            properties = struct_pb2.Struct()
            properties.update(inputs | changed.get(kind, {}))
            kind = f"falaj:local:{kind}"
            items.append(pb.AnalyzerResource(type=kind, urn=f"urn:pulumi:l::f::{kind}::n", properties=properties))
        return pb.AnalyzeStackRequest(resources=items)

    assert list(engine.analyzer.AnalyzeStack(resources()).diagnostics) == []
    (diagnostic,) = engine.analyzer.AnalyzeStack(resources(TrackingServer={"telemetry": True})).diagnostics
    assert (diagnostic.policyName, diagnostic.urn) == ("LOC-004", "urn:pulumi:l::f::falaj:local:TrackingServer::n")
    nothing = pb.AnalyzerResource(type="pulumi:pulumi:Stack", urn="urn:pulumi:l::f::pulumi:pulumi:Stack::s")
    (diagnostic,) = engine.analyzer.AnalyzeStack(pb.AnalyzeStackRequest(resources=[nothing])).diagnostics
    assert (diagnostic.policyName, diagnostic.enforcementLevel) == ("GATE-010", pb.MANDATORY)


def test_the_stack_does_not_repeat_what_a_resource_said(engine: Engine, ask: Any) -> None:
    engine.configure(dry_run=False)
    kind, inputs = "falaj:local:RayRuntime", ask.good["RayRuntime"] | {"bind": EVERYWHERE}
    urn = f"urn:pulumi:local::falaj::{kind}::rayruntime"
    for _ in range(2):
        assert len(engine.analyze(kind, inputs)) == 1
    properties = struct_pb2.Struct()
    properties.update(inputs)
    stack = pb.AnalyzeStackRequest(resources=[pb.AnalyzerResource(type=kind, urn=urn, properties=properties)])
    told = [d.policyName for d in engine.analyzer.AnalyzeStack(stack).diagnostics]
    assert "LOC-001" not in told


def test_components_and_providers_pass(engine: Engine) -> None:
    engine.configure()
    for kind in ("pulumi:pulumi:Stack", "pulumi:providers:falaj", "falaj:local:Region"):
        assert engine.analyze(kind, {}) == []


def test_what_it_says_about_itself(engine: Engine) -> None:
    engine.configure("prod")
    info = engine.analyzer.GetAnalyzerInfo(EMPTY)
    assert (info.name, info.supportsConfig) == ("falaj", False)
    assert [policy.name for policy in info.policies] == [r.id for r in bundle.catalogue() if r.id != bundle.CANARY]
    levels = {policy.name: policy.enforcementLevel for policy in info.policies}
    assert (levels["LOC-001"], levels["WVR-005"]) == (pb.MANDATORY, pb.ADVISORY)
    assert engine.analyzer.GetPluginInfo(EMPTY).version == receipt.plugin_version(bundle.digest())
    engine.analyzer.Handshake(pb.AnalyzerHandshakeRequest(engine_address=engine.address))
    assert list(engine.analyzer.Remediate(pb.AnalyzeRequest()).remediations) == []


@pytest.mark.parametrize("config", [{"profile": "staging"}, {"kind": "moon"}, {"regimes": "{"}, {"regimes": "1"}])
def test_a_stack_it_cannot_read_is_refused(engine: Engine, config: dict[str, str]) -> None:
    with pytest.raises(grpc.RpcError, match="GATE-013"):
        engine.configure(**config)


def test_levels_cannot_be_configured_away(engine: Engine) -> None:
    request = pb.ConfigureAnalyzerRequest(policyConfig={"LOC-001": pb.PolicyConfig(enforcementLevel=pb.DISABLED)})
    with pytest.raises(grpc.RpcError, match="GATE-018"):
        engine.analyzer.Configure(request)


def test_opa_killed_in_between(engine: Engine, ask: Any) -> None:
    engine.configure(dry_run=False)
    assert engine.analyze("falaj:local:KeyRing", ask.good["KeyRing"]) == []
    engine.opa.kill()
    (diagnostic,) = engine.analyze("falaj:local:KeyRing", ask.good["KeyRing"])
    assert (diagnostic.policyName, diagnostic.enforcementLevel) == ("GATE-005", pb.MANDATORY)


def test_a_gate_that_cannot_start_says_why(tmp_path: Path) -> None:
    environment = os.environ | {"FALAJ_OPA": str(tmp_path / "none")}
    done = subprocess.run([SCRIPT, "127.0.0.1:1", "."], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith("FALAJ-GATE-002 ")


@pytest.mark.parametrize("how", ["Cancel", "SIGTERM", "SIGINT", "SIGKILL"])
def test_it_leaves_nothing_running(engine: Engine, how: str) -> None:
    file = next((home() / "gate" / "receipts").iterdir())
    if how == "Cancel":
        engine.analyzer.Cancel(EMPTY)
    else:
        engine.process.send_signal(signal.Signals[how])
    engine.process.wait(10)
    assert gone(engine.opa.pid)
    assert file.exists() == (how == "SIGKILL")


def test_it_exits_when_the_engine_goes_away() -> None:
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.argv[1], '127.0.0.1:1', '.'], stdout=subprocess.PIPE)\n"
        "print(child.pid, int(child.stdout.readline()), flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, SCRIPT]
    with subprocess.Popen(command, cwd=PACK, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline().split()[0])
        children = [child.pid for child in psutil.Process(pid).children()]
        parent.kill()
    assert gone(pid, *children)


def test_a_resource_takes_milliseconds(engine: Engine, ask: Any) -> None:
    engine.configure(dry_run=False)
    times = []
    for _ in range(60):
        began = time.perf_counter()
        engine.analyze("falaj:local:RayRuntime", ask.good["RayRuntime"])
        times.append(time.perf_counter() - began)
    assert statistics.median(times) < 0.05  # 4 ms on an idle machine; the bound is for a busy one


# --- the receipt


def test_a_receipt_counts_while_its_analyzer_lives(engine: Engine) -> None:
    found = receipt.require(engine.address)
    assert (found.pid, found.port, found.bundle) == (engine.process.pid, engine.port, bundle.digest())
    engine.process.kill()
    engine.process.wait()
    with pytest.raises(FalajError, match=r"GATE-016.*stale.*--policy-pack"):
        receipt.require(engine.address)


@pytest.mark.usefixtures("engine")
def test_no_receipt() -> None:
    for address in ("", "127.0.0.1:1", "127.0.0.1:65000"):
        with pytest.raises(FalajError, match=r"GATE-016.*no policy pack loaded"):
            receipt.require(address)


def test_receipts_that_do_not_count(engine: Engine) -> None:
    (file,) = (home() / "gate" / "receipts").glob("*.json")
    original = json.loads(file.read_text())
    with socket.create_server(("127.0.0.1", 0)) as nothing:
        dead = nothing.getsockname()[1]
    for changed in (
        {"bundle": "sha256:0"},
        {"engine": "127.0.0.1:2"},
        {"pid": os.getpid()},
        {"port": dead},
        {"more": 1},
    ):
        file.write_text(json.dumps(original | changed))
        with pytest.raises(FalajError, match="GATE-016"):
            receipt.require(engine.address)
    file.write_text(json.dumps(original))
    receipt.require(engine.address)
    engine.socket.close()  # the engine stopped listening: the address may be somebody else's next
    with pytest.raises(FalajError, match="GATE-016"):
        receipt.require(engine.address)


def test_an_analyzer_of_other_rules_does_not_count(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "digest", lambda: "sha256:changed")
    with pytest.raises(FalajError, match="GATE-016"):
        receipt.require(engine.address)


def test_stale_receipts_are_swept(start: Callable[[], Engine]) -> None:
    first = start()
    first.process.kill()
    first.process.wait()
    start()
    assert len(list((home() / "gate" / "receipts").glob("*.json"))) == 1


@pytest.mark.parametrize(
    ("words", "variable", "expected"),
    [
        (["python", "exec", "--engine", "a:1", "x"], "", "a:1"),
        (["python", "exec", "--engine=b:2"], "c:3", "b:2"),
        (["python", "--engine"], "c:3", "c:3"),
        (["python"], "", ""),
    ],
)
def test_the_engine_of_this_program(
    monkeypatch: pytest.MonkeyPatch, words: list[str], variable: str, expected: str
) -> None:
    monkeypatch.setattr(sys, "orig_argv", words)
    monkeypatch.setenv("PULUMI_ENGINE", variable)
    assert receipt.engine_address() == expected
