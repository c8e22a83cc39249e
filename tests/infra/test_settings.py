from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from infra.errors import FalajError
from infra.home import PROJECT
from infra.settings import AwsStack, load, parse, stack_file
from infra.settings.pool import Block

GOOD: dict[str, Any] = {"falaj:kind": "region", "falaj:target": "local"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def refused(config: dict[str, Any]) -> FalajError:
    with pytest.raises(FalajError) as caught:
        parse({**GOOD, **config}, "stacks/Pulumi.x.yaml")
    return caught.value


def test_every_stack_file_of_the_project_loads() -> None:
    files = sorted((PROJECT / "stacks").glob("Pulumi.*.yaml"))
    assert files
    for file in files:
        assert load(file).kind == "region"


def test_defaults_are_the_safe_ones() -> None:
    settings = parse(GOOD, "x")
    assert {settings.decision.bind, settings.tracking.bind, settings.ray.bind} == {"127.0.0.1"}
    assert settings.decision.auth == settings.ray.auth == "token"
    assert settings.store.encryption == "AES-256-GCM"
    assert settings.telemetry is False


@pytest.mark.parametrize(
    ("config", "code", "said"),
    [
        ({"falaj:ray": {"memroy_gib": 4}}, "CFG-001", ("falaj:ray.memroy_gib", "Write `memory_gib`")),
        ({"falaj:rya": {}}, "CFG-001", ("falaj:rya", "Write `ray`")),
        ({"ray": {}}, "CFG-001", ("`ray` has no namespace", "Write `falaj:ray`")),
        ({"falaj:ray": {"port": "6379"}}, "CFG-002", ("falaj:ray.port", "'6379'", "integer")),
        ({"falaj:ray": {"port": 80}}, "CFG-002", ("falaj:ray.port", "80", "1024")),
        ({"falaj:ray": {"cpus": "some"}}, "CFG-002", ("falaj:ray.cpus", "'some'")),
        ({"falaj:ray": 5}, "CFG-002", ("falaj:ray", "5")),
        ({"falaj:telemetry": "no"}, "CFG-002", ("falaj:telemetry", "'no'", "boolean")),
        ({"falaj:store": {"encryption": "rot13"}}, "CFG-002", ("falaj:store.encryption", "rot13", "AES-256-GCM")),
        ({"falaj:jurisdiction": "../x"}, "CFG-002", ("falaj:jurisdiction", "../x")),
    ],
)
def test_mistakes_name_place_value_and_fix(config: dict[str, Any], code: str, said: tuple[str, ...]) -> None:
    error = refused(config)
    assert error.code == code
    assert str(error).startswith(f"FALAJ-{code} stacks/Pulumi.x.yaml: ")
    for words in said:
        assert words in str(error)


def test_a_target_is_one_of_those_there_are() -> None:
    said = r"FALAJ-CFG-002 x: `falaj:target` is 'gcp'\. Write `local` or `aws` or `kubernetes`\."
    with pytest.raises(FalajError, match=said):
        parse({"falaj:kind": "region", "falaj:target": "gcp"}, "x")


@pytest.mark.parametrize(
    "text", ["2026-12-01T11:30:00Z", "2026-12-01T15:30:00+04:00", "2026-12-01 11:30:00 +0000 UTC", "11:30 on Tuesday"]
)
def test_a_moment_reads_the_same_from_yaml_and_from_pulumi(text: str) -> None:
    when = datetime(2026, 12, 1, 11, 30, tzinfo=UTC)
    if text.startswith("2026"):
        assert Block.model_validate({"starts": text, "ends": when}).starts == when
    else:
        with pytest.raises(ValidationError):
            Block.model_validate({"starts": text, "ends": when})


def test_texts_of_digits_survive_pulumi() -> None:
    """Which hands over `"111122223333"` and `"4711"` as numbers."""
    file = yaml.safe_load(stack_file("uae-aws").read_text())["config"]
    for account, expected in ((111122223333, "111122223333"), ("011122223333", "011122223333")):
        found = parse({**file, "falaj:account": account, "falaj:cost_center": 4711}, "x")
        assert isinstance(found, AwsStack)
        assert (found.account, found.cost_center) == (expected, "4711")


def test_missing_key_is_named() -> None:
    with pytest.raises(FalajError, match="FALAJ-CFG-003 x: `falaj:target` is missing"):
        parse({"falaj:kind": "region"}, "x")


KEYS = ["target", "ray", "keys", "regimes", "pools", "network", "cluster", "account", "identity", "x"]


@given(
    st.sampled_from(["local", "uae-aws"]),
    st.dictionaries(st.sampled_from([*(f"falaj:{key}" for key in KEYS), "y", "aws:region"]), JSON),
)
def test_whatever_is_written_is_settings_or_one_clear_line(stack: str, config: dict[str, Any]) -> None:
    whole: dict[str, Any] = yaml.safe_load(stack_file(stack).read_text())["config"]
    try:
        parse({**whole, **config}, "stacks/Pulumi.x.yaml")
    except FalajError as error:
        assert error.code.startswith("CFG-")
        assert error.problem
        assert error.fix


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("config: [", ":2"),
        ("[]", ""),
        ("config: 5", ""),
        ("", ""),
        ("a: b: c", ":1"),
        ("config:\n  falaj:kind: 'x", ":2"),
    ],
)
def test_broken_file(tmp_path: Path, text: str, place: str) -> None:
    file = tmp_path / "Pulumi.x.yaml"
    file.write_text(text)
    with pytest.raises(FalajError, match=f"FALAJ-CFG-004 stacks/Pulumi.x.yaml{place}"):
        load(file)


def test_what_pulumi_writes_back_loads(tmp_path: Path) -> None:
    """Pulumi saves every scalar as text and adds its own entries."""
    file = tmp_path / "Pulumi.x.yaml"
    file.write_text(
        'encryptionsalt: v1:x\nconfig:\n  falaj:kind: region\n  falaj:target: local\n  falaj:telemetry: "false"\n'
    )
    assert load(file).telemetry is False


@pytest.mark.parametrize("name", ["", "../x", "a b", "-x", "x" * 200])
def test_stack_names(name: str) -> None:
    with pytest.raises(FalajError, match="FALAJ-CFG-006"):
        stack_file(name)


def test_unknown_stack_names_those_that_are_there() -> None:
    with pytest.raises(FalajError, match=r"FALAJ-CFG-005 stacks/Pulumi\.nowhere\.yaml.*local"):
        stack_file("nowhere")
