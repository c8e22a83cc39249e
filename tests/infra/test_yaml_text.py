"""YAML of others: what PyYAML makes of a sound text, and one reason for any other."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.yaml_text import BYTES, DEPTH, DIGITS, NODES, Unreadable, parse

SCALARS = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | st.text(max_size=20)
TREES = st.recursive(SCALARS, lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(max_size=8), part))


@given(tree=TREES)
@settings(deadline=None)
def test_a_sound_text_is_what_was_written(tree: Any) -> None:
    text = yaml.safe_dump(tree, allow_unicode=True)
    assert parse(text.encode()) == yaml.safe_load(text)


def test_anchors_and_merges_are_taken() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b {<<: *a, x: 3}\nc: {<<: *b}\nd: [*a, *a]\n"
    assert parse(text.encode()) == yaml.safe_load(text)
    assert parse(b"- {x: 1}\n- {x: 2}\n- x: {x: 3}\n") == [{"x": 1}, {"x": 2}, {"x": {"x": 3}}]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb:\n  c: 1\n  d: [c, c]\n  c: 2\n", "key 'c' stands twice (line 5)"),
        ("[" * (DEPTH + 1), f"nested more than {DEPTH} deep (line 1)"),
        ("a: &a [*a]", "alias a stands before or inside of what it names (line 1)"),
        ("a: *b", "alias b stands before"),
        (f"[{'x, ' * NODES}]", f"more than {NODES:,} values"),
        ("a: &a [1, 1]\n" + f"b: [{'*a, ' * (NODES // 2)}]", f"more than {NODES:,} values (line 2)"),
        (f"a: {'9' * (DIGITS + 1)}", f"more than {DIGITS} digits (line 1)"),
        ("#" * (BYTES + 1), f"more than {BYTES:,} bytes"),
        ("a: 2026-02-30", "a value is none: day is out of range for month"),
        ("a: [", "it is not YAML"),
        ("a: !!python/name:os.system", "it is not YAML"),
        ("1\n--- 2", "it is not YAML"),
        ("\0", "it is not YAML"),
    ],
)
def test_any_other_has_one_reason(text: str, said: str) -> None:
    with pytest.raises(Unreadable) as caught:
        parse(text.encode())
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("digits", [DIGITS, 5000])
def test_a_text_of_digits_may_be_as_long_as_it_likes(digits: int) -> None:
    assert parse(f"a: '{'9' * digits}'".encode()) == {"a": "9" * digits}
