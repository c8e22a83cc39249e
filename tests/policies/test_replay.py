"""Old questions and exported states, asked of today's rules; and the engine's own JSON as steps of a plan."""

import gzip
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.errors import FalajError
from policies.gate import approvals, bundle, cases, documents, history, record, replay, scaffold, steps
from policies.gate.decide import Gate
from policies.gate.decision import Decision
from policies.gate.document import Document, digest, from_plan
from policies.gate.redact import SECRET, UNKNOWN

EVERYWHERE = "0.0.0.0"
CANARY = "canary-5b1c9e"
SIGNATURE = "4dabf18193072939515e22adb298388d"
SEALED = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "ciphertext": CANARY}
OPENED = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "plaintext": f'"{CANARY}"'}
NOT_KNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
STACK = "urn:pulumi:uae-aws::falaj::pulumi:pulumi:Stack::falaj-uae-aws"
PROVIDER = "urn:pulumi:uae-aws::falaj::pulumi:providers:aws::uae"
KEY = "urn:pulumi:uae-aws::falaj::falaj:aws:Lake$aws:kms/key:Key::lake"
BUCKET = "urn:pulumi:uae-aws::falaj::falaj:aws:Lake$aws:s3/bucket:Bucket::lake"


@pytest.fixture
def packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the packs that today's rules are from here on."""
    copy, stage = tmp_path / "packs", bundle.stage
    shutil.copytree(bundle.REGO, copy)
    monkeypatch.setattr(bundle, "REGO", copy)
    monkeypatch.setattr(bundle, "stage", lambda out: stage(out, copy))
    monkeypatch.setattr(cases, "TESTS", tmp_path)
    return copy


@pytest.fixture
def own(gate: Gate, tmp_path: Path) -> Any:
    """A log of its own, on the shared OPA."""
    assert gate.server
    log = tmp_path / "gate" / "decisions.jsonl"
    with Gate.connect(gate.server.url, gate.server.token, gate.digest, log) as connected:
        yield connected


def changes(gate: Gate, decision: Decision) -> list[tuple[str, str, str, str]]:
    again = replay.of_record(gate.log.parent, decision)
    assert again.now.fault is None, again.now.fault
    return [(item.policy, item.urn.rpartition("::")[2], item.then, item.now) for item in again.changes]


# --- records


def test_the_same_rules_say_the_same_and_nothing_is_recorded(own: Gate, ask: Any) -> None:
    decision = own.decide(ask.plan(RayRuntime={"bind": EVERYWHERE}, Supervisor={"log_max_mib": 0}))
    head = record.verify(own.log)
    again = replay.of_record(own.log.parent, history.find(own.log, decision.decision_id[:12]))
    assert again.changes == []
    assert again.then == decision
    assert (again.now.verdict, again.now.findings) == ("deny", decision.findings)
    assert again.now.input_digest == decision.input_digest
    assert record.verify(own.log) == head


def test_a_new_rule_is_the_only_change(own: Gate, ask: Any, packs: Path) -> None:
    decision = own.decide(ask.plan(RayRuntime={"bind": EVERYWHERE}))
    scaffold.new("XTR-001", "Supervisors say they are on", "falaj:local:Supervisor", "enabled", "local")
    assert changes(own, decision) == [("XTR-001", "supervisor", "", "advise")]


def test_a_rule_that_went_or_acts_otherwise(own: Gate, ask: Any, packs: Path) -> None:
    decision = own.decide(ask.plan(RayRuntime={"bind": EVERYWHERE}, DecisionServer={"auth": "none"}))
    (bind,), (token,) = packs.rglob("loc_001_*.rego"), packs.rglob("loc_002_*.rego")
    bind.unlink()
    token.write_text(token.read_text().replace("dev: mandatory", "dev: advisory"))
    assert changes(own, decision) == [
        ("LOC-001", "rayruntime", "deny", ""),
        ("LOC-002", "decisionserver", "deny", "advise"),
    ]


def test_a_waiver_signed_since_then_counts(own: Gate, ask: Any, people: Any) -> None:
    prod = ask.stack.model_copy(update={"profile": "prod"})
    decision = own.decide(ask.plan(prod, Supervisor={"log_max_mib": 0}))
    (found,) = [item for item in decision.findings if item.policy == "LOC-006"]
    people.waive("LOC-006", found.urn, found.inputs)
    assert changes(own, decision) == [("LOC-006", "supervisor", "deny", "waive")]


def test_time_and_approvals_are_those_of_the_question(own: Gate, ask: Any, people: Any) -> None:
    plan = ask.plan(ask.stack.model_copy(update={"profile": "prod"}), op="delete")
    for who in ("risk@x.ae", "sec@x.ae"):
        approvals.give(own.log.parent, plan.plan["digest"], "local", who, people.key(who))
    decision = own.decide(plan)
    assert decision.allowed
    shutil.rmtree(own.log.parent / "approvals")
    body = documents.read(own.log.parent, decision.input_digest)
    back = timedelta(days=40)
    for approval in body["approvals"]:
        approval |= {key: (datetime.fromisoformat(approval[key]) - back).isoformat() for key in ("at", "expires")}
    body["now"] = (datetime.now(UTC) - back).isoformat()
    documents.keep(own.log.parent, digest(body), body)
    long_ago = decision.model_copy(update={"input_digest": digest(body)})
    for asked in (decision, long_ago):
        assert changes(own, asked) == []
    assert own.decide(Document.model_validate(body)).code == "GATE-023"


def test_a_question_that_was_changed_or_is_gone(own: Gate, ask: Any) -> None:
    decision = own.decide(ask.plan())
    file = own.log.parent / "documents" / f"{decision.input_digest.removeprefix('sha256:')}.json.gz"
    body = json.loads(gzip.decompress(file.read_bytes()))
    body["stack"]["profile"] = "prod"
    for content in (gzip.compress(json.dumps(body).encode()), file.read_bytes()[:-9], b"", b"{}"):
        file.write_bytes(content)
        with pytest.raises(FalajError, match="GATE-015"):
            replay.of_record(own.log.parent, decision)
    file.unlink()
    with pytest.raises(FalajError, match="GATE-015"):
        replay.of_record(own.log.parent, decision)


def test_what_is_not_kept_cannot_be_asked_again(own: Gate, ask: Any) -> None:
    for decision in (own.decide(ask.resource("KeyRing")), own.decide({"schema": 2})):
        with pytest.raises(FalajError, match="GATE-025"):
            replay.of_record(own.log.parent, decision)


# --- states


def exported(ask: Any, **changed: dict[str, Any]) -> dict[str, Any]:
    """As `pulumi stack export` writes it."""
    resources = [
        {"urn": urn, "custom": True, "id": "i", "type": item.type, "inputs": item.inputs, "outputs": item.inputs}
        for urn, item in ask.plan(**changed).resources.items()
    ]
    return {"version": 3, "deployment": {"manifest": {}, "resources": resources}}


def test_a_state_is_judged_as_it_is(ask: Any) -> None:
    good = ask.plan()
    again = replay.of_state(exported(ask)["deployment"], good.stack, good.params)
    assert (again.then, again.now.verdict, again.changes) == (None, "allow", [])
    assert again.now.gate == "stack"
    bad = exported(ask, RayRuntime={"bind": EVERYWHERE})
    bad["deployment"]["resources"].append(
        {**bad["deployment"]["resources"][-1], "delete": True, "inputs": {"auth": "none"}}
    )
    again = replay.of_state(bad["deployment"], good.stack, good.params)
    assert again.now.verdict == "deny"
    assert [(item.policy, item.then, item.now) for item in again.changes] == [("LOC-001", "", "deny")]


def test_an_empty_state_says_nothing(ask: Any) -> None:
    again = replay.of_state({}, ask.stack, {})
    assert (again.now.verdict, again.now.code) == ("deny", "GATE-010")


# --- the engine's JSON


def frames(*positions: str) -> list[dict[str, str]]:
    """Frames as the engine prints them; what has no source has no position."""
    return [{"sourcePosition": position} if position else {} for position in positions]


def state(urn: str, **more: Any) -> dict[str, Any]:
    kind = urn.split("::")[2].rpartition("$")[2]
    return {"urn": urn, "custom": True, "type": kind, "provider": f"{PROVIDER}::{NOT_KNOWN}", "parent": STACK, **more}


def preview(*listed: dict[str, Any]) -> dict[str, Any]:
    provider = {"urn": PROVIDER, "custom": True, "type": "pulumi:providers:aws", "inputs": {"region": "me-central-1"}}
    return {
        "config": {},
        "steps": [{"op": "same", "urn": PROVIDER, "newState": provider}, *listed],
        "changeSummary": {},
    }


def step(op: str, urn: str, **more: Any) -> dict[str, Any]:
    old = op in ("delete", "delete-replaced")
    return {"op": op, "urn": urn, ("oldState" if old else "newState"): state(urn, **more), "detailedDiff": None}


def bucket(**more: Any) -> dict[str, Any]:
    """The one step that is not the provider's."""
    return steps.of_preview(preview(step("create", BUCKET, **more)))[1]


def test_a_step_has_its_provider_its_edges_and_its_options() -> None:
    made = bucket(
        inputs={"kmsKeyId": NOT_KNOWN},
        propertyDependencies={"kmsKeyId": [KEY], "bucket": []},
        protect=True,
        ignoreChanges=["tags"],
        aliases=["urn:old"],
    )
    assert made["provider"] == {
        "region": "me-central-1",
        "urn": PROVIDER,
        "type": "pulumi:providers:aws",
        "name": "uae",
    }
    assert made["edges"] == {"kmsKeyId": [KEY]}
    assert made["options"] == {"protect": True, "ignore_changes": ["tags"], "aliases": ["urn:old"]}
    assert (made["parent"], made["op"], made["type"]) == (STACK, "create", "aws:s3/bucket:Bucket")
    unknown = f"{PROVIDER}2::{NOT_KNOWN}"
    assert bucket(provider=unknown)["provider"] == {"urn": f"{PROVIDER}2", "type": "", "name": "uae2"}
    assert bucket(provider="")["provider"] == {}


@pytest.mark.parametrize(
    ("trace", "where"),
    [
        (["components/aws/lake.py#40", "infra/program.py#64", "infra/__main__.py#3"], ("infra/program.py", 64)),
        (["components/aws/lake.py#40", "components/aws/region.py#9"], ("components/aws/lake.py", 40)),
        (["", "../../home/user/.venv/lib/pulumi/stack.py#235", "infra/program.py#12,5"], ("infra/program.py", 12)),
        ([".venv/lib/python3.11/site-packages/pulumi/stack.py#235"], None),
        (["../../home/user/.cache/falaj/tools/pulumi-language-python-exec#165"], None),
        (["", ""], None),
        ([], None),
    ],
)
def test_where_the_user_wrote_it(trace: list[str], where: tuple[str, int] | None) -> None:
    positions = [f"project:///{name}" if name else "" for name in trace]
    made = bucket(sourcePosition=positions[0] if positions else None, stackTrace=frames(*positions))
    assert made["source"] == (dict(zip(("file", "line"), where, strict=True)) if where else None)


def test_without_a_trace_the_position_itself_counts() -> None:
    assert bucket(sourcePosition="project:///infra/program.py#6")["source"] == {"file": "infra/program.py", "line": 6}
    assert bucket()["source"] is None


def test_a_replacement_and_a_deletion(ask: Any) -> None:
    planned = steps.of_preview(
        preview(
            step("create-replacement", KEY, inputs={"rotation": True}),
            step("replace", KEY, inputs={"rotation": True}),
            step("delete-replaced", KEY, inputs={"rotation": False}),
            step("delete", BUCKET, inputs={"bucket": "lake"}),
        )
    )
    document = from_plan(planned, ask.stack)
    assert document.operations == {PROVIDER: "same", KEY: "replace", BUCKET: "delete"}
    assert document.resources[KEY].inputs == {"rotation": True}
    assert document.resources[BUCKET].inputs == {"bucket": "lake"}


def test_secrets_and_unknowns_are_gone(ask: Any) -> None:
    inputs = {
        "key": NOT_KNOWN,
        "password": "[secret]",
        "sealed": SEALED,
        "deep": [{"opened": OPENED}],
        "__defaults": [],
    }
    provider = {"secretKey": SEALED, "region": "me-central-1"}
    listed = [
        {"urn": PROVIDER, "type": "pulumi:providers:aws", "inputs": provider, "custom": True},
        state(BUCKET, inputs=inputs, outputs={"arn": CANARY}),
    ]
    for planned in (steps.of_state({"resources": listed}, "same"), steps.of_preview(_as_preview(listed))):
        document = from_plan(planned, ask.stack)
        made = document.resources[BUCKET]
        assert made.inputs == {"key": UNKNOWN, "password": SECRET, "sealed": SECRET, "deep": [{"opened": SECRET}]}
        assert made.provider["secretKey"] == SECRET
        assert made.provider["region"] == "me-central-1"
        text = document.model_dump_json()
        assert CANARY not in text
        assert NOT_KNOWN not in text


def _as_preview(listed: list[dict[str, Any]]) -> dict[str, Any]:
    return {"steps": [{"op": "same", "urn": item["urn"], "newState": item} for item in listed]}


def test_what_is_already_going_is_no_part_of_a_state() -> None:
    listed = [state(BUCKET), state(BUCKET, delete=True), state(KEY)]
    planned = steps.of_state({"resources": listed}, "delete")
    assert [(item["urn"], item["op"]) for item in planned] == [(BUCKET, "delete"), (KEY, "delete")]
    for nothing in ({}, {"resources": None}, {"resources": []}):
        assert steps.of_state(nothing, "same") == []
    for nothing in ({}, {"steps": None}, {"steps": [{"op": "same", "urn": KEY}]}):
        assert steps.of_preview(nothing) == []
