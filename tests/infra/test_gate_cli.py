"""`falaj gate`: every verb on a platform with a past, for a person and as JSON, and what each says of wrong input."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from infra.cli.app import app
from infra.cli.gate import new
from infra.engine import Engine
from infra.errors import Exit
from infra.judge import decision_log, folder, plan
from infra.settings import load, stack_file
from policies.gate import bundle, cases, record
from policies.gate.decide import Gate
from policies.gate.decision import Decision
from policies.gate.document import Document, Resource

ZERO = "sha256:" + "0" * 64
RAY = "urn:pulumi:local::falaj::falaj:local:Region$falaj:local:RayRuntime::local-ray"
SIZES = {"cpus": 2, "memory_gib": 4, "object_store_gib": 1}
GOOD = {"bind": "127.0.0.1", "auth": "token", "telemetry": False, **SIZES}


@dataclass(frozen=True)
class Platform:
    """A state folder with decisions, people who sign, and a waiver."""

    home: Path
    waivers: Path
    allowed: Decision
    denied: Decision
    resource: Decision

    def key(self, who: str) -> str:
        return str(self.waivers / f"{who}.key")

    @property
    def digest(self) -> str:
        assert self.denied.plan
        return self.denied.plan


def question(**changed: Any) -> Document:
    settings = load(stack_file("local"))
    source = {"file": "infra/program.py", "line": 64}
    planned = [{"urn": RAY, "type": "falaj:local:RayRuntime", "op": "create", "inputs": GOOD | changed}]
    return plan(Engine("local"), settings, [step | {"source": source} for step in planned])


def sign_up(waivers: Path, *people: str) -> None:
    listed: list[dict[str, Any]] = []
    for who in people:
        private = Ed25519PrivateKey.generate()
        openssh = serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        (waivers / f"{who}.key").write_bytes(private.private_bytes(serialization.Encoding.PEM, *openssh))
        form = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
        listed.append({"id": who, "roles": ["risk-owner"], "key": private.public_key().public_bytes(*form).decode()})
    (waivers / "signers.yaml").write_text(yaml.safe_dump({"signers": listed}))


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Any:
    home, waivers = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("waivers")
    sign_up(waivers, "risk@x.ae", "sec@x.ae")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FALAJ_HOME", str(home))
        patch.setenv("FALAJ_WAIVERS", str(waivers))
        patch.setenv("FALAJ_AUTHOR", "me@x.ae")
        for name in ("OPA_URL", "OPA_TOKEN_FILE", "FALAJ_STACKS"):
            patch.delenv(name, raising=False)
        with Gate.start(log=decision_log()) as gate:
            asked = question()
            one = {RAY: Resource(type="falaj:local:RayRuntime", inputs=GOOD | {"auth": "none"})}
            allowed = gate.decide(asked)
            resource = gate.decide(asked.model_copy(update={"gate": "resource", "plan": None, "resources": one}))
            gate.decide(asked.model_copy(update={"gate": "resource", "plan": None}))
            denied = gate.decide(question(bind="0.0.0.0", auth="none"))
        yield Platform(home, waivers, allowed, denied, resource)


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.err == ""
        return json.loads(self.out)


def falaj(*arguments: object) -> Said:
    done = CliRunner().invoke(app, ["gate", *map(str, arguments)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Said(done.exit_code, done.stdout, done.stderr)


def both(*arguments: object) -> tuple[str, Any]:
    """What it says to a person, and as JSON."""
    spoken, written = falaj(*arguments), falaj(*arguments, "--json")
    assert (spoken.code, spoken.err, written.code) == (Exit.OK, "", Exit.OK)
    assert written.json["ok"] is True
    return spoken.out, written.json


def test_the_platform_has_what_the_tests_are_about(platform: Platform) -> None:
    assert platform.allowed.allowed, platform.allowed.findings
    assert {item.policy for item in platform.denied.denials} == {"LOC-001", "LOC-002"}
    assert not platform.resource.allowed


def test_help_names_every_verb(tmp_path: Path) -> None:
    command = [Path(sys.executable).parent / "falaj", "gate", "--help"]
    environment = {**os.environ, "FALAJ_HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    for verb in ("log", "report", "explain", "verify-log", "evidence", "approve", "sign", "new", "test", "replay"):
        assert f" {verb} " in done.stdout


# --- reading


def test_explain(platform: Platform) -> None:
    spoken, written = both("explain", "loc-001")
    (rule,) = [item for item in bundle.catalogue() if item.id == "LOC-001"]
    assert written["rule"] == rule.model_dump(mode="json")
    for part in (rule.title, rule.remediation, rule.controls[0].name, written["source"], written["cases"]):
        assert part in spoken
    for file in (written["source"], written["cases"]):
        assert (Path(__file__).parents[2] / file).is_file()


def test_log(platform: Platform) -> None:
    spoken, written = both("log")
    listed = [item["decision_id"] for item in written["decisions"]]
    assert listed == [item.decision_id for item in (platform.allowed, platform.resource, platform.denied)]
    assert [Decision.model_validate(item) for item in written["decisions"]][-1] == platform.denied
    for part in (platform.denied.decision_id[:8], "deny", "GATE-001", "LOC-001, LOC-002"):
        assert part in spoken
    (newest,) = falaj("log", "-n", 1, "--json").json["decisions"]
    assert newest["decision_id"] == platform.denied.decision_id
    assert falaj("log", "--stack", "other", "--json").json["decisions"] == []


@pytest.mark.parametrize("form", ["markdown", "sarif", "junit", "html"])
def test_report(platform: Platform, tmp_path: Path, form: str) -> None:
    printed = falaj("report", "--format", form)
    assert (printed.code, printed.err) == (Exit.OK, "")
    file = tmp_path / "report"
    assert form in falaj("report", platform.denied.decision_id[:8], "-f", form, "-o", file).out
    assert file.read_text(encoding="utf-8") == printed.out
    match form:
        case "sarif":
            uri = json.loads(printed.out)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
            assert (uri["artifactLocation"]["uri"], uri["region"]["startLine"]) == ("infra/program.py", 64)
        case "junit":
            assert len(ET.fromstring(printed.out).findall("testsuite/testcase/failure")) == 2  # noqa: S314  ours
        case "html":
            assert printed.out.startswith("<!doctype html>")
        case _:
            assert printed.out.startswith("<!-- falaj-gate -->")


def test_report_as_json_is_the_record(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    written = falaj("report", platform.allowed.decision_id, "-f", "html", "-o", file, "--json").json
    assert Decision.model_validate(written["decision"]) == platform.allowed
    assert written["file"] == str(file)
    assert platform.allowed.decision_id in file.read_text()
    assert falaj("report", "last", "--json").json["file"] is None


def test_verify_log(platform: Platform, tmp_path: Path) -> None:
    spoken, written = both("verify-log")
    head = str(record.verify(decision_log()))
    assert (written["records"], written["head"]) == (4, head)
    assert head in spoken
    assert falaj("verify-log", "--head", head, "--json").json["head"] == head
    copy = tmp_path / "decisions.jsonl"
    lines = decision_log().read_bytes().splitlines(keepends=True)
    copy.write_bytes(b"".join(lines[:-1]))
    assert falaj("verify-log", "--log", copy).code == Exit.OK
    cut = falaj("verify-log", "--log", copy, "--head", head)
    assert (cut.code, cut.err.count("\n")) == (Exit.INTEGRITY, 1)
    assert "FALAJ-GATE-015" in cut.err
    copy.write_bytes(b"".join(lines).replace(b'"deny"', b'"allow"'))
    assert falaj("verify-log", "--log", copy).code == Exit.INTEGRITY


# --- signing


def test_approve_shows_the_plan_and_signs_it(platform: Platform) -> None:
    for who in ("risk@x.ae", "sec@x.ae"):
        command = ("approve", platform.digest, "--as", who, "--key", platform.key(who))
        spoken, written = both(*command)
        assert f"create   {RAY}" in spoken
        assert "by me@x.ae" in spoken
        assert written["does"] == [f"create   {RAY}"]
        assert json.loads(Path(written["file"]).read_text())["plan"] == platform.digest
    assert sorted(file.name for file in (folder() / "approvals").rglob("*.json")) == ["risk@x.ae.json", "sec@x.ae.json"]
    with Gate.start(log=platform.home.parent / "scratch" / "decisions.jsonl") as gate:
        shutil.copytree(folder() / "approvals", gate.log.parent / "approvals", dirs_exist_ok=True)
        assert gate.decide(question(bind="0.0.0.0", auth="none")).approvals == ["risk@x.ae", "sec@x.ae"]


def waiver(file: Path) -> Path:
    text = """\
    # Why: see the ticket.
    id: WAIVER-007
    policy: LOC-001
    urn: {urn}
    stack: local
    reason: it is moved in March
    ticket: RISK-7
    risk_owner: risk@x.ae
    requested_by: me@x.ae
    not_before: 2026-01-01T00:00:00Z
    expires: 2026-02-01T00:00:00Z
    compensating_control: the network is watched
    inputs: [sha256:a]
    """
    file.write_text("".join(line.removeprefix("    ") for line in text.format(urn=RAY).splitlines(keepends=True)))
    return file


def test_sign_leaves_the_rest_of_the_file_as_it_is(platform: Platform, tmp_path: Path) -> None:
    file = waiver(tmp_path / "waiver.yaml")
    before = file.read_text()
    spoken = falaj("sign", file, "--as", "risk@x.ae", "--key", platform.key("risk@x.ae"))
    assert (spoken.code, spoken.out) == (Exit.OK, "✓ WAIVER-007 is signed by risk@x.ae\n")
    written = falaj("sign", file, "--as", "sec@x.ae", "--key", platform.key("sec@x.ae"), "--json").json
    assert written == {"ok": True, "waiver": "WAIVER-007", "signed_by": ["risk@x.ae", "sec@x.ae"]}
    assert file.read_text().startswith(before)


def test_evidence(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    signer = ("--as", "sec@x.ae", "--key", platform.key("sec@x.ae"))
    written = falaj("evidence", "local", *signer, "--json").json
    (file,) = tmp_path.glob("evidence-local-*.zip")
    assert written["file"] == str(file)
    spoken, checked = both("evidence", file, "--verify")
    assert checked == written
    assert "signed by sec@x.ae" in spoken
    plain = falaj("evidence", "local", "--out", tmp_path / "plain.zip")
    assert "not signed" in plain.out
    file.write_bytes(file.read_bytes()[:-1])
    broken = falaj("evidence", file, "--verify")
    assert (broken.code, broken.err.count("\n")) == (Exit.INTEGRITY, 1)


# --- rules


def test_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(bundle.REGO / "lib", tmp_path / "policies" / "rego" / "lib")
    monkeypatch.setattr(bundle, "REGO", tmp_path / "policies" / "rego")
    monkeypatch.setattr(cases, "TESTS", tmp_path / "tests")
    monkeypatch.setattr(new, "PROJECT", tmp_path)
    options = ("--title", "Queues are encrypted", "--type", "aws:sqs/queue:Queue", "--property", "kmsMasterKeyId")
    spoken = falaj("new", "ABC-001", *options)
    files = ["policies/rego/baseline/abc_001_queues_are_encrypted.rego", "tests/abc_001_test.rego"]
    assert spoken.code == Exit.OK
    for file in files:
        assert file in spoken.out
        assert "kmsMasterKeyId" in (tmp_path / file).read_text()
    assert (
        falaj("new", "ABC-002", *options, "--pack", "local", "--json")
        .json["files"][0]
        .startswith("policies/rego/local")
    )
    taken = falaj("new", "ABC-001", *options)
    assert (taken.code, taken.err.count("\n")) == (Exit.USAGE, 1)


def test_replay(platform: Platform) -> None:
    before = record.verify(decision_log())
    spoken, written = both("replay")
    assert written == {"ok": True, "then": "deny", "now": "deny", "code": "GATE-001", "changes": []}
    assert "deny then, deny now" in spoken
    assert falaj("replay", platform.allowed.decision_id, "--json").json["now"] == "allow"
    assert record.verify(decision_log()) == before


def test_replay_of_a_state(platform: Platform, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    state = {"urn": RAY, "custom": True, "type": "falaj:local:RayRuntime", "inputs": GOOD | {"bind": "0.0.0.0"}}
    for exported in (
        {"version": 3, "deployment": {"resources": [state]}},
        {"version": 3, "checkpoint": {"stack": "local", "latest": {"resources": [state]}}},
    ):
        file.write_text(json.dumps(exported))
        written = falaj("replay", "--stack", "local", "--state", file, "--json").json
        assert (written["then"], written["now"]) == (None, "deny")
        assert [(item["policy"], item["then"], item["now"]) for item in written["changes"]] == [("LOC-001", "", "deny")]
    spoken = falaj("replay", "--stack", "local", "--state", file)
    assert "LOC-001" in spoken.out
    assert "1 finding differs" in spoken.out


# --- wrong input


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        ("explain XYZ-999", "GATE-025", Exit.USAGE),
        ("explain LOC-999", "GATE-025", Exit.USAGE),
        ("report nothing", "GATE-025", Exit.USAGE),
        ("report last --stack other", "GATE-025", Exit.USAGE),
        ("report last --format pdf", "GATE-025", Exit.USAGE),
        ("report last --out {tmp}/nowhere/report.md", "RUN-008", Exit.FAULT),
        ("verify-log --head x", "GATE-025", Exit.USAGE),
        ("verify-log --head -1:sha256:0", "GATE-025", Exit.USAGE),
        (f"verify-log --head 2:{ZERO}", "GATE-015", Exit.INTEGRITY),
        (f"verify-log --head 99:{ZERO}", "GATE-015", Exit.INTEGRITY),
        ("verify-log --log {tmp}/absent.jsonl", "GATE-025", Exit.USAGE),
        ("evidence other", "GATE-025", Exit.USAGE),
        ("evidence local --as sec@x.ae", "GATE-021", Exit.INTEGRITY),
        ("evidence local --out {tmp}/nowhere/e.zip", "RUN-008", Exit.FAULT),
        ("evidence {tmp}/absent.zip --verify", "GATE-015", Exit.INTEGRITY),
        (f"approve {ZERO} --as sec@x.ae --key {{sec}}", "GATE-025", Exit.USAGE),
        ("approve {digest} --as nobody@x.ae --key {sec}", "GATE-021", Exit.INTEGRITY),
        ("approve {digest} --as risk@x.ae --key {sec}", "GATE-021", Exit.INTEGRITY),
        ("approve {digest} --as risk@x.ae --key {tmp}/absent", "GATE-021", Exit.INTEGRITY),
        ("sign {tmp}/absent.yaml --as sec@x.ae --key {sec}", "GATE-020", Exit.CONFIG),
        ("sign {waiver} --as nobody@x.ae --key {sec}", "GATE-021", Exit.INTEGRITY),
        ("new LOC-001 --title t --type a:b:C", "GATE-025", Exit.USAGE),
        ("new L-1 --title t --type a:b:C", "GATE-025", Exit.USAGE),
        ("test XYZ-999", "GATE-025", Exit.USAGE),
        ("replay nothing", "GATE-025", Exit.USAGE),
        ("replay {resource}", "GATE-025", Exit.USAGE),
        ("replay --state {waiver}", "GATE-025", Exit.USAGE),
        ("replay --stack local --state {waiver}", "GATE-025", Exit.USAGE),
        ("replay --stack nowhere --state {waiver}", "CFG-005", Exit.CONFIG),
    ],
)
def test_wrong_input_is_one_line_and_its_exit_code(
    platform: Platform, tmp_path: Path, arguments: str, code: str, exit_code: Exit
) -> None:
    given = arguments.format(
        tmp=tmp_path,
        sec=platform.key("sec@x.ae"),
        digest=platform.digest,
        resource=platform.resource.decision_id,
        waiver=waiver(tmp_path / "waiver.yaml"),
    ).split()
    spoken = falaj(*given)
    assert spoken.code == exit_code
    assert spoken.err.count("\n") == 1
    assert f"FALAJ-{code} " in spoken.err
    written = falaj(*given, "--json")
    assert written.code == exit_code
    assert (written.json["ok"], written.json["error"]["code"]) == (False, f"FALAJ-{code}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "1",
        "{}",
        "\xff",
        '{"checkpoint": 1}',
        '{"deployment": "x"}',
        '{"deployment": {"resources": [1]}}',
        '{"deployment": {"resources": {"urn": 1}}}',
        '{"deployment": {"resources": [{"urn": "urn:a"}]}}',
    ],
)
def test_what_is_no_exported_state(platform: Platform, tmp_path: Path, text: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(text, encoding="latin-1")
    said = falaj("replay", "--stack", "local", "--state", file)
    assert (said.code, said.out, said.err.count("\n")) == (Exit.USAGE, "", 1)
    assert "pulumi stack export" in said.err


def test_a_platform_without_a_past(platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FALAJ_HOME", str(tmp_path / "new"))
    assert falaj("log", "--json").json["decisions"] == []
    for verb in ("report", "replay", "verify-log"):
        assert falaj(verb).code == Exit.USAGE
    assert falaj("fly").code == Exit.USAGE
