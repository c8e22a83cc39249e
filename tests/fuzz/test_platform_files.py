"""Hostile files of a platform and a workload (mirrors no module): platform, key ring, store, spec, plan, request."""

import hashlib
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from infra.catalog import workloads as catalog
from tests.fuzz.hostile import QUICK, TEXTS, as_yaml, ends_well, every, of_bytes, of_json, of_yaml, written
from tests.workloads.lib.serve.conftest import PLAN, ROW, SCHEMA
from tests.workloads.lib.train.conftest import make_platform
from workloads.employment.spec import PATH, Spec
from workloads.lib.key_ring import KeyRing
from workloads.lib.lifecycle.spec import Spec as Common
from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import Platform
from workloads.lib.serve.plan import Plan
from workloads.lib.serve.schema import refusal, request_model

ENDPOINT = {"experiment": "x", "arms": [{"name": "old", "model": f"sha256:{'1' * 64}", "weight": 1.0}], "stage": 5}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_platform(tmp_path_factory.mktemp("platform")).parent


@pytest.fixture(scope="module")
def store(folder: Path) -> ObjectStore:
    return ObjectStore.open(folder / "store", KeyRing.open(folder / "keys/ring.json", b"correct horse"))


def test_a_platform_file(folder: Path, tmp_path: Path) -> None:
    sound = json.loads((folder / "platform.json").read_text())
    for text in [*TEXTS, *(json.dumps(changed).encode() for changed in every(sound))]:
        file = written(tmp_path / "platform.json", text)
        found = ends_well(lambda it=file: Platform.load(it))
        assert isinstance(found, Platform) or found == "WRK-001"


@given(data=st.data())
@QUICK
def test_a_changed_key_ring(folder: Path, tmp_path: Path, data: st.DataObject) -> None:
    text = (folder / "keys/ring.json").read_bytes()
    file = written(tmp_path / "ring.json", data.draw(of_bytes(text)))
    found = ends_well(lambda: KeyRing.open(file, b"correct horse"))
    assert isinstance(found, KeyRing) or found in ("STO-001", "STO-002")


def test_a_key_ring_whose_checksum_was_made_anew(folder: Path, tmp_path: Path) -> None:
    fields = json.loads((folder / "keys/ring.json").read_text())
    del fields["checksum"]
    for changed in every(fields):
        if isinstance(changed, dict):
            total = hashlib.sha256(json.dumps(changed, sort_keys=True).encode()).hexdigest()
            file = written(tmp_path / "ring.json", json.dumps(changed | {"checksum": total}).encode())
            found = ends_well(lambda it=file: KeyRing.open(it, b"correct horse"))
            assert isinstance(found, KeyRing) or found in ("STO-001", "STO-002")


@given(data=st.data())
@QUICK
def test_a_changed_object_of_the_store(folder: Path, store: ObjectStore, data: st.DataObject) -> None:
    store.put("a", b"1" * 100)
    file = folder / "store/objects/a"
    sealed = file.read_bytes()
    # Another seal each time: what is drawn is what changes.
    mask = data.draw(st.one_of(of_bytes(bytes(len(sealed))), st.just(bytes(len(sealed)))))
    changed = bytes(one ^ other for one, other in zip(mask, sealed, strict=False))
    file.write_bytes(changed)
    assert ends_well(lambda: store.get("a")) == ("STO-004" if changed != sealed else b"1" * 100)


SPECS = {file.parent.name: file for file in sorted(PATH.parents[1].glob("*/spec.yaml"))}


@pytest.mark.parametrize("name", SPECS)
@given(data=st.data())
@QUICK
def test_a_spec_as_a_plan_reads_it(name: str, tmp_path: Path, data: st.DataObject) -> None:
    (tmp_path / name).mkdir(exist_ok=True)
    written(tmp_path / name / "spec.yaml", data.draw(of_yaml(SPECS[name].read_text())))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog, "FOLDER", tmp_path)
        found = ends_well(lambda: catalog.training(name))
        assert isinstance(found, catalog.Training) or found == "WRK-003"


def test_a_spec_as_the_workload_reads_it(tmp_path: Path) -> None:
    trees = (as_yaml(changed) for changed in every(yaml.safe_load(PATH.read_text())))
    for text in [*TEXTS, *trees]:
        file = written(tmp_path / "spec.yaml", text)
        found = ends_well(lambda it=file: Spec.load(it))
        assert isinstance(found, Common) or found == "WRK-003"


@given(data=of_json(ENDPOINT))
@QUICK
def test_a_plan_of_an_endpoint(data: bytes) -> None:
    try:
        plan = ends_well(lambda: Plan.model_validate_json(data))
        assert plan.digest
    except ValidationError as error:
        assert error.errors()


@given(data=of_json(ROW))
@QUICK
def test_a_request(data: bytes) -> None:
    kind = request_model(SCHEMA, PLAN.names)
    try:
        row = ends_well(lambda: kind.model_validate_json(data))
        assert row.model_dump().keys() == set(PLAN.names)
    except ValidationError as error:
        assert "\n" not in refusal(error)
        assert len(refusal(error)) < 500
