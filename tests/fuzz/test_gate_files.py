"""Hostile files of the gate's people (mirrors no module): waivers, signers, approvals, evidence, states, parameters."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from infra.cli.gate.replay import _deployment
from infra.plan import exported
from policies.gate import approvals, controls, evidence, params, sign, waivers
from policies.gate.params import FOLDER
from tests.fuzz.hostile import (
    MIB,
    QUICK,
    TEXTS,
    as_yaml,
    ends_well,
    every,
    of_bytes,
    of_json,
    of_tree,
    of_yaml,
    written,
)
from tests.policies.conftest import People

PLAN = f"sha256:{'0' * 64}"
STATE = {
    "version": 3,
    "deployment": {
        "resources": [
            {"urn": "urn:pulumi:s::falaj::pulumi:pulumi:Stack::s", "type": "pulumi:pulumi:Stack", "protect": True},
            {"urn": "urn:pulumi:s::falaj::a:b:C::c", "type": "a:b:C", "inputs": {"x": [1, {"y": "z"}]}},
        ]
    },
}


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> People:
    monkeypatch.setenv("FALAJ_WAIVERS", str(tmp_path / "waivers"))
    return People(tmp_path / "waivers")


@given(data=st.data())
@QUICK
def test_a_waiver(people: People, data: st.DataObject) -> None:
    file = people.folder / "WAIVER-001.yaml"
    sound = people.waive("LOC-006", "urn:pulumi:local::falaj::a:b:C::c", PLAN).read_text()
    file.write_bytes(data.draw(of_yaml(sound)))
    found = ends_well(lambda: [(one.digest, one.facts({}, set())) for one in waivers.load("local")])
    assert isinstance(found, list) or found.startswith("GATE-")
    ends_well(lambda: waivers.add_signature(file, "risk@x.ae", people.key("risk@x.ae")))


def test_a_waiver_with_each_value_in_each_place(people: People) -> None:
    file = people.waive("LOC-006", "urn:pulumi:local::falaj::a:b:C::c", PLAN)
    for changed in every(yaml.safe_load(file.read_text())):
        file.write_bytes(as_yaml(changed))
        ends_well(lambda: [(one.digest, one.facts({}, set())) for one in waivers.load("local")])


@given(data=st.data())
@QUICK
def test_the_list_of_signers(people: People, data: st.DataObject) -> None:
    file, sound = people.folder / "signers.yaml", people.folder / "sound"
    if not sound.exists():
        sound.write_bytes(file.read_bytes())
    file.write_bytes(data.draw(of_yaml(sound.read_text())))
    assert ends_well(lambda: dict(sign.signers(people.folder))) in ("GATE-020", {}) or sign.signers(people.folder)


@given(data=st.data())
@QUICK
def test_an_approval_and_the_key_that_makes_one(people: People, tmp_path: Path, data: st.DataObject) -> None:
    file = approvals.give(tmp_path, PLAN, "local", "risk@x.ae", people.key("risk@x.ae"))
    sound = json.loads(file.read_text())
    file.write_bytes(data.draw(of_json(sound)))
    ends_well(lambda: approvals.facts(tmp_path, PLAN))
    key = written(tmp_path / "key", data.draw(of_bytes(people.key("risk@x.ae").read_bytes())))
    ends_well(lambda: sign.sign("approval", {}, "risk@x.ae", key))


def test_an_approval_with_each_value_in_each_place(people: People, tmp_path: Path) -> None:
    file = approvals.give(tmp_path, PLAN, "local", "risk@x.ae", people.key("risk@x.ae"))
    sound = json.loads(file.read_text())
    for text in [*TEXTS, *(json.dumps(changed).encode() for changed in every(sound))]:
        file.write_bytes(text)
        found = ends_well(lambda: approvals.facts(tmp_path, PLAN))
        assert found in ("GATE-020", "GATE-021"), text


@pytest.mark.parametrize("text", TEXTS)
def test_no_file_of_people_and_no_state(text: bytes, people: People, tmp_path: Path) -> None:
    file = written(tmp_path / "state.json", text)
    assert ends_well(lambda: _deployment(file)) == "GATE-025"
    assert ends_well(lambda: exported.resources(file)) == "PLAN-002"
    written(people.folder / "WAIVER-9.yaml", text)
    assert ends_well(lambda: waivers.load("local")) == "GATE-020"


@given(data=of_json(STATE))
@QUICK
def test_an_exported_state(tmp_path: Path, data: bytes) -> None:
    file = written(tmp_path / "state.json", data)
    ends_well(lambda: _deployment(file))
    ends_well(lambda: exported.reopened(exported.resources(file)) and exported.protected(exported.resources(file)))


@pytest.mark.parametrize("name", [file.name for file in sorted(FOLDER.glob("*.yaml"))])
@given(data=st.data())
@QUICK
def test_parameters(name: str, tmp_path: Path, data: st.DataObject) -> None:
    from pydantic import TypeAdapter

    from policies.gate.params import Jurisdiction, Regime

    kinds = {"jurisdictions.yaml": Jurisdiction, "regimes.yaml": Regime}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(params, "FOLDER", tmp_path)
        written(tmp_path / name, data.draw(of_yaml((FOLDER / name).read_text())))
        found = ends_well(lambda: params._read(name, TypeAdapter(dict[str, kinds[name]])))
        assert isinstance(found, dict) or found == "GATE-017"


@given(limits=of_tree({"max_gpus": 1, "monthly_budget": 5, "registries": ["a.ae"], "egress_cidrs": ["10.0.0.0/8"]}))
@QUICK
def test_limits_of_a_stack(limits: Any) -> None:
    if isinstance(limits, dict):
        ends_well(lambda: params.resolve("uae", ["pdpl"], limits))


@given(data=st.data())
@QUICK
def test_a_catalogue_of_controls(tmp_path: Path, data: st.DataObject) -> None:
    sound = (controls.FOLDER / "gdpr.yaml").read_text()
    written(tmp_path / "x.yaml", data.draw(of_yaml(sound)))
    assert ends_well(lambda: list(controls.frameworks(tmp_path))) is not None


@pytest.mark.parametrize("manifest", TEXTS)
def test_evidence_with_a_manifest_that_is_none(manifest: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        archive.writestr("MANIFEST.json", manifest)
    assert ends_well(lambda: evidence.verify(tmp_path / "e.zip")) == "GATE-015"


def test_evidence_that_would_fill_the_memory(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "e.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("MANIFEST.json", json.dumps({"files": {"decisions.jsonl": PLAN}, "head": ""}))
        with archive.open("decisions.jsonl", "w") as member:
            for _ in range(MIB + 100):
                member.write(bytes(1 << 20))
    assert ends_well(lambda: evidence.verify(tmp_path / "e.zip")) == "GATE-015"
