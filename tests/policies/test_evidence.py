"""An auditor's bundle: what is in it, and that nothing in it can be changed unseen."""

import gzip
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.errors import FalajError
from policies.gate import approvals, bundle, controls, evidence, history, record, sign, waivers
from policies.gate.decide import Gate
from policies.gate.document import digest

wild = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
Members = dict[str, bytes]


@dataclass(frozen=True)
class Case:
    """A stack with a past: decisions about it and about another, a waiver, an approval."""

    folder: Path
    file: Path
    people: Any

    def collect(self, by: str | None = "sec@x.ae") -> dict[str, Any]:
        return evidence.collect(self.folder, "local", self.file, (by, self.people.key(by)) if by else None)

    @property
    def members(self) -> Members:
        with zipfile.ZipFile(self.file) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def rewritten(self, members: Members, *more: tuple[str, bytes]) -> Path:
        """The bundle with other members; unlike the original it is not compressed, which is quicker."""
        other = self.file.with_name("other.zip")
        with zipfile.ZipFile(other, "w") as archive:
            for name, content in [*members.items(), *more]:
                archive.writestr(name, content)
        return other

    def forged(self, members: Members, change: Callable[[dict[str, Any]], None]) -> Path:
        """The bundle with its manifest changed."""
        manifest = json.loads(members["MANIFEST.json"])
        change(manifest)
        return self.rewritten(members | {"MANIFEST.json": json.dumps(manifest).encode()})


@pytest.fixture
def case(gate: Gate, ask: Any, people: Any, tmp_path: Path) -> Case:
    """A log of its own, on the shared OPA."""
    assert gate.server
    folder = tmp_path / "gate"
    with Gate.connect(gate.server.url, gate.server.token, gate.digest, folder / "decisions.jsonl") as own:
        prod = ask.stack.model_copy(update={"profile": "prod"})
        bad = ask.plan(prod, Supervisor={"log_max_mib": 0})
        (found,) = [item for item in own.decide(bad).findings if item.policy == "LOC-006"]
        people.waive("LOC-006", found.urn, found.inputs)
        plan = ask.plan(prod, op="delete")
        approvals.give(folder, plan.plan["digest"], "local", "risk@x.ae", people.key("risk@x.ae"))
        own._signed.clear()
        for question in (bad, plan, ask.resource("KeyRing"), ask.plan(prod.model_copy(update={"name": "other"}))):
            own.decide(question)
    return Case(folder, tmp_path / "evidence.zip", people)


@pytest.fixture
def signed(case: Case) -> Members:
    case.collect()
    return case.members


def refused(path: Path) -> str:
    """The code with which it is refused."""
    with pytest.raises(FalajError) as raised:
        evidence.verify(path)
    return raised.value.code


def test_what_is_in_it(case: Case) -> None:
    made = case.collect()
    members = case.members
    log = case.folder / "decisions.jsonl"
    assert members["decisions.jsonl"] == log.read_bytes()
    assert made["head"] == str(record.verify(log))
    asked = {item.input_digest for item in history.decisions(log) if item.stack == "local" and item.gate != "resource"}
    kept = [gzip.decompress(content) for name, content in members.items() if name.startswith("documents/")]
    assert {digest(json.loads(text)) for text in kept} == asked
    assert len(asked) == 3
    for name, root, pattern in (
        ("rules", bundle.REGO, "*.rego"),
        ("controls", controls.FOLDER, "*.yaml"),
        ("waivers", case.people.folder, "*.yaml"),
        ("approvals", case.folder / "approvals", "*.json"),
    ):
        files = {f"{name}/{file.relative_to(root).as_posix()}": file.read_bytes() for file in root.rglob(pattern)}
        assert files
        assert {key: content for key, content in members.items() if key.startswith(f"{name}/")} == files
    assert made["files"].keys() | {"MANIFEST.json", "MANIFEST.sig.json"} == members.keys()
    assert not [name for name in members if name.endswith(".key")]


def test_it_holds_and_says_who_signed_it(case: Case) -> None:
    made = case.collect()
    assert evidence.verify(case.file) == made
    assert (made["stack"], made["signed_by"], made["bundle"]) == ("local", "sec@x.ae", bundle.digest())
    unsigned = case.collect(by=None)
    assert evidence.verify(case.file) == unsigned
    assert unsigned["signed_by"] is None
    assert [file.name for file in case.file.parent.glob("*evidence*")] == ["evidence.zip"]


def test_it_can_be_checked_where_nothing_else_is(case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = case.collect()
    elsewhere = tmp_path / "auditor"
    elsewhere.mkdir()
    (elsewhere / "signers.yaml").write_bytes((case.people.folder / "signers.yaml").read_bytes())
    monkeypatch.setenv("FALAJ_WAIVERS", str(elsewhere))
    (case.folder / "decisions.jsonl").unlink()
    assert evidence.verify(case.file) == made


# --- what was changed


@wild
@given(data=st.data())
def test_any_byte_of_any_file(case: Case, data: st.DataObject) -> None:
    if not case.file.exists():
        case.collect()
    members = case.members
    name = data.draw(st.sampled_from(sorted(members)))
    content = bytearray(members[name])
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1
    code = refused(case.rewritten(members | {name: bytes(content)}))
    assert code in (("GATE-015", "GATE-021") if name.startswith("MANIFEST") else ("GATE-015",))


@wild
@given(data=st.data())
def test_any_byte_of_the_archive(case: Case, data: st.DataObject) -> None:
    """Some of a zip's own bytes mean nothing, a time for one; then everything that was put in is there unchanged."""
    if not case.file.exists():
        case.collect()
    whole = evidence.verify(case.file)
    content = bytearray(case.file.read_bytes())
    start = data.draw(st.sampled_from([0, max(0, len(content) - 4000)]))
    content[data.draw(st.integers(start, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    other = case.file.with_name("flipped.zip")
    other.write_bytes(content)
    try:
        assert evidence.verify(other) == whole
    except FalajError as error:
        assert error.code in ("GATE-015", "GATE-021")


def test_a_file_more_or_less(case: Case, signed: Members) -> None:
    assert evidence.verify(case.rewritten(signed))["signed_by"] == "sec@x.ae"
    assert refused(case.rewritten(signed | {"rules/more.rego": b"package x"})) == "GATE-015"
    for name in signed:
        less = {key: content for key, content in signed.items() if key != name}
        if name != "MANIFEST.sig.json":
            assert refused(case.rewritten(less)) == "GATE-015", name
        else:
            assert evidence.verify(case.rewritten(less))["signed_by"] is None
    document = next(name for name in signed if name.startswith("documents/"))
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = case.rewritten(signed, (document, signed[document]))
    assert refused(twice) == "GATE-015"


def test_another_head_of_the_log(case: Case) -> None:
    case.collect(by=None)
    members = case.members
    lines = members["decisions.jsonl"].splitlines(keepends=True)
    first, last = json.loads(lines[0]), json.loads(lines[-1])
    for head in (
        f"1:{first['hash']}",
        f"{len(lines)}:{first['hash']}",
        f"{len(lines) + 1}:{last['hash']}",
        "",
        "no head",
        7,
    ):
        assert refused(case.forged(members, lambda manifest, head=head: manifest.update(head=head))) == "GATE-015"


def test_a_log_that_was_cut_short_with_its_digest(case: Case) -> None:
    """Whoever cuts the log and mends the digest still meets the head; whoever mends that too cannot sign."""
    case.collect()
    members = case.members
    cut = b"".join(members["decisions.jsonl"].splitlines(keepends=True)[:-1])
    shorter = case.file.parent / "cut.jsonl"
    shorter.write_bytes(cut)

    def mend(manifest: dict[str, Any]) -> None:
        manifest["files"]["decisions.jsonl"] = evidence._digest(cut)

    def mend_all(manifest: dict[str, Any]) -> None:
        mend(manifest)
        manifest["head"] = str(record.verify(shorter))

    changed = members | {"decisions.jsonl": cut}
    assert refused(case.forged(changed, mend)) == "GATE-015"
    assert refused(case.forged(changed, mend_all)) == "GATE-021"


@pytest.mark.parametrize(
    "manifest", [b"", b"[]", b"1", b"{}", b'{"files": 1}', b'{"files": ["decisions.jsonl"]}', b"[" * 100_000, b"\xff"]
)
def test_a_manifest_of_another_shape(case: Case, signed: Members, manifest: bytes) -> None:
    assert refused(case.rewritten(signed | {"MANIFEST.json": manifest})) == "GATE-015"


def test_what_is_no_bundle(tmp_path: Path, case: Case, signed: Members) -> None:
    for name, content in (("empty.zip", b""), ("text.zip", b"PK no zip"), ("cut.zip", case.file.read_bytes()[:-40])):
        (tmp_path / name).write_bytes(content)
        assert refused(tmp_path / name) == "GATE-015"
    assert refused(tmp_path / "absent.zip") == "GATE-015"
    assert refused(tmp_path) == "GATE-015"


# --- signatures


def test_the_signature_of_somebody_else(case: Case, signed: Members) -> None:
    manifest = json.loads(signed["MANIFEST.json"])

    def with_signature(made: sign.Signature) -> Path:
        return case.rewritten(signed | {"MANIFEST.sig.json": made.model_dump_json().encode()})

    good = sign.sign("evidence", manifest, "me@x.ae", case.people.key("me@x.ae"))
    assert evidence.verify(with_signature(good))["signed_by"] == "me@x.ae"
    for made in (
        sign.sign("evidence", manifest, "stranger@y.ae", case.people.key("me@x.ae")),
        sign.sign("evidence", manifest, "me@x.ae", case.people.key("sec@x.ae")),
        sign.sign("approval", manifest, "me@x.ae", case.people.key("me@x.ae")),
        sign.sign("evidence", manifest | {"stack": "other"}, "me@x.ae", case.people.key("me@x.ae")),
        good.model_copy(update={"signature": good.signature[:-3] + chr(ord(good.signature[-3]) + 1) + "=="}),
    ):
        assert refused(with_signature(made)) == "GATE-021"


def test_a_signer_who_was_struck_off(case: Case) -> None:
    case.collect()
    file = case.people.folder / "signers.yaml"
    listed = [item for item in yaml.safe_load(file.read_text())["signers"] if item["id"] != "sec@x.ae"]
    file.write_text(yaml.safe_dump({"signers": listed}))
    assert refused(case.file) == "GATE-021"


def test_a_manifest_that_was_changed_after_it_was_signed(case: Case, signed: Members) -> None:
    for change in ({"stack": "other"}, {"made": "2020-01-01T00:00:00+00:00"}, {"bundle": "sha256:0"}, {"more": 1}):
        assert refused(case.forged(signed, lambda manifest, change=change: manifest.update(change))) == "GATE-021"


def test_who_cannot_sign_leaves_nothing(case: Case) -> None:
    for who, key in (("nobody@x.ae", "me@x.ae"), ("me@x.ae", "sec@x.ae"), ("me@x.ae", "absent")):
        with pytest.raises(FalajError, match="GATE-021"):
            evidence.collect(case.folder, "local", case.file, (who, case.people.key(key)))
    assert not [file for file in case.file.parent.iterdir() if "evidence" in file.name]


# --- what is collected must hold


def test_a_stack_without_decisions(case: Case, tmp_path: Path) -> None:
    for folder, stack in ((case.folder, "nowhere"), (tmp_path / "nothing", "local")):
        with pytest.raises(FalajError, match="GATE-025"):
            evidence.collect(folder, stack, case.file)
    assert not case.file.exists()


def test_a_log_or_a_question_that_was_changed(case: Case) -> None:
    asked = history.find(case.folder / "decisions.jsonl", "last", stack="local").input_digest
    file = case.folder / "documents" / f"{asked.removeprefix('sha256:')}.json.gz"
    kept = file.read_bytes()
    for changed in (gzip.compress(gzip.decompress(kept).replace(b"local", b"other")), b"no gzip"):
        file.write_bytes(changed)
        with pytest.raises(FalajError, match="GATE-015"):
            evidence.collect(case.folder, "local", case.file)
    file.write_bytes(kept)
    log = case.folder / "decisions.jsonl"
    log.write_text(log.read_text().replace('"deny"', '"allow"'))
    with pytest.raises(FalajError, match="GATE-015"):
        evidence.collect(case.folder, "local", case.file)
    assert not case.file.exists()


def test_the_waivers_prose_is_there_for_the_auditor(case: Case, signed: Members) -> None:
    assert b"the old cluster is moved in March" in signed["waivers/WAIVER-001.yaml"]
    assert b"the old cluster" not in signed["decisions.jsonl"]
    assert waivers.load("local")[0].waiver.id == "WAIVER-001"
