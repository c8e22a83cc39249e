"""Hostile stack files (mirrors no module: every reader of them): each is sound or one clear error."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.checks import require_sound
from infra.errors import FalajError
from infra.home import PROJECT
from infra.settings.read import load
from policies.gate.about import secrets_provider
from tests.fuzz.hostile import QUICK, TEXTS, ends_well, of_yaml, written
from tests.infra.test_checks import NOW

STACKS = {file.name: file.read_text() for file in sorted((PROJECT / "stacks").glob("Pulumi.*.yaml"))}


def judged(file: Path) -> None:
    require_sound(load(file), "stacks/x", NOW)


@pytest.mark.parametrize("name", STACKS)
@given(data=st.data())
@QUICK
def test_a_changed_stack_file_is_sound_or_one_error(name: str, tmp_path: Path, data: st.DataObject) -> None:
    file = written(tmp_path / "Pulumi.x.yaml", data.draw(of_yaml(STACKS[name])))
    ends_well(lambda: judged(file))


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_no_stack_file_is_said_to_be_none(text: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path / "Pulumi.x.yaml", text)
    assert ends_well(lambda: judged(file)) == "CFG-004"
    monkeypatch.setenv("FALAJ_STACKS", str(tmp_path))
    assert ends_well(lambda: secrets_provider("x")) == "passphrase"


def test_the_line_is_said_and_a_key_stands_once(tmp_path: Path) -> None:
    text = STACKS["Pulumi.uae-aws.yaml"]
    doubled = text.replace("  falaj:owner:", "  falaj:region: eu-central-1\n  falaj:owner:")
    with pytest.raises(FalajError) as caught:
        judged(written(tmp_path / "Pulumi.x.yaml", doubled.encode()))
    line = doubled.splitlines().index("  falaj:region: eu-central-1") + 1
    assert str(caught.value).startswith(f"FALAJ-CFG-004 stacks/Pulumi.x.yaml:{line}: key 'falaj:region' stands twice")
