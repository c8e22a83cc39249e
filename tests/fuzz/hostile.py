"""Hostile files: what may come of a sound one, and how a reader has to end."""

import json
import os
import re
import resource
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from infra.errors import FalajError

SECONDS, MIB = 5, 500
"""The most processor time and memory that one file may cost."""
QUICK = settings(
    max_examples=int(os.environ.get("FALAJ_FUZZ", "40")),
    deadline=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),  # what explains a failure traces every line
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join(f'*{old}' for _ in range(9))}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
TEXTS = (
    b"",
    b"\0",
    b"\xff\xfe\xfd",
    b"\xef\xbb\xbf",
    b"[" * 100_000,
    b"{" * 100_000,
    b'{"a":' * 100_000,
    b"- " * 100_000,
    b"9" * 100_000,
    b"0x" + b"f" * 100_000,
    b"[1e999, -.inf, .nan, NaN, Infinity]",
    BOMB.encode(),
    b"&a [*a]",
    b"a: &a {b: *a}",
    b"a: 1\na: 2\n",
    b"2026-13-45",
    b"a: 2026-02-30",
    b"!!python/object/apply:os.system [id]",
    b"--- 1\n--- 2\n",
    b"? [1, 2]\n: 3\n",
    b'"\\ud800"',
    b"null",
    b"[]",
    b"{}",
    b"text",
)
"""Whole files."""
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 10**30, 1 << 63, 3.5, -0.0, 1e300, float("inf"), float("nan"), "", " ", "\n", "\0", "\x1b[2J",
    "\u202e", "x" * 5000, "../../etc/passwd", "[" * 5000, "9" * 5000, "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", [], {}, [[]], [{}], {"": None}, {"a": {"b": {"c": []}}}, ["x"] * 500,
)  # fmt: skip
"""What may stand in a value's place."""


class Hung(BaseException):
    """The reader took too long. No reader may catch it."""


def ends_well(read: Callable[[], Any]) -> Any:
    """What `read` returns, or the FalajError's code; anything else that it ends in is a defect."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        with _within(SECONDS):
            found = read()
    except FalajError as error:
        found, said = error.code, str(error)
        assert said.isprintable(), said[:300]
        assert len(said) < 5000, "nobody reads that"
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    assert grown < MIB, f"{grown} MiB"
    return found


def of_bytes(sound: bytes) -> st.SearchStrategy[bytes]:
    """The file cut off, with bits turned, bytes between, parts doubled; or another file."""
    at = st.integers(0, max(0, len(sound) - 1))
    between = st.sampled_from((b"\0", b"\xff", b"\r", b"\t", b"\n\n", b"'", b"\x80", b"\xed\xa0\x80", b"{", b"9" * 400))
    return st.one_of(
        st.sampled_from(TEXTS),
        at.map(lambda n: sound[:n]),
        st.tuples(at, st.integers(0, 7)).map(lambda it: _turned(sound, *it)),
        st.tuples(at, between).map(lambda it: sound[: it[0]] + it[1] + sound[it[0] :]),
        st.tuples(at, at).map(lambda it: sound[: max(it)] + sound[min(it) :]),
        st.binary(max_size=200),
    )


def of_tree(sound: Any) -> st.SearchStrategy[Any]:
    """The same tree with one to three values, at any place, become something else, or gone, or a key another one."""
    places = list(_places(sound))
    change = st.tuples(st.sampled_from(places), st.sampled_from(("value", "gone", "key")), st.sampled_from(VALUES))
    return st.lists(change, min_size=1, max_size=3).map(lambda changes: _changed(sound, changes))


def every(sound: Any) -> Generator[Any]:
    """The tree with each of its places, one at a time, become each of `VALUES`, or gone."""
    for path in _places(sound):
        yield _changed(sound, [(path, "gone", None)])
        for value in VALUES:
            yield _changed(sound, [(path, "value", value)])


def of_yaml(sound: str) -> st.SearchStrategy[bytes]:
    """A YAML file's text or tree, changed."""
    dumped = of_tree(yaml.safe_load(sound)).map(as_yaml)
    return st.one_of(of_bytes(sound.encode()), dumped, st.sampled_from(_lines(sound)))


def of_json(sound: Any) -> st.SearchStrategy[bytes]:
    """A JSON file's text or tree, changed."""
    return st.one_of(of_bytes(json.dumps(sound).encode()), of_tree(sound).map(lambda tree: json.dumps(tree).encode()))


def _lines(sound: str) -> list[bytes]:
    """The file with a line doubled, and with a bomb beside it."""
    lines = sound.splitlines(keepends=True)
    doubled = ["".join([*lines[:n], lines[n], *lines[n:]]).encode() for n in range(0, len(lines), 7)]
    return [*doubled, (sound + BOMB).encode(), (BOMB + sound).encode()]


def _turned(sound: bytes, at: int, bit: int) -> bytes:
    turned = bytearray(sound or b"\0")
    turned[at] ^= 1 << bit
    return bytes(turned)


def _places(tree: Any, path: tuple[Any, ...] = ()) -> Generator[tuple[Any, ...]]:
    yield path
    parts = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, part in parts:
        yield from _places(part, (*path, key))


def _changed(sound: Any, changes: list[tuple[tuple[Any, ...], str, Any]]) -> Any:
    holder: dict[str, Any] = {"": deepcopy(sound)}
    for path, how, value in changes:
        at: Any = holder
        keys = ["", *path]
        try:
            for key in keys[:-1]:
                at = at[key]
            if how == "value" or not path:
                at[keys[-1]] = deepcopy(value)
            elif how == "gone":
                del at[keys[-1]]
            else:
                at[re.sub(r"[^\w]", "", str(value))[:50]] = at.pop(keys[-1])
        except (LookupError, TypeError, AttributeError):
            continue  # an earlier change took the place away
    return holder[""]


@contextmanager
def _within(seconds: float) -> Generator[None]:
    """Of processor time: how busy the machine is with others does not matter."""

    def hung(*_: object) -> None:
        raise Hung(f"more than {seconds} s")

    before = signal.signal(signal.SIGPROF, hung)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def as_yaml(tree: Any) -> bytes:
    """Quicker than `yaml.safe_dump`, and the same."""
    return yaml.dump(tree, Dumper=yaml.CSafeDumper).encode()


def written(file: Path, data: bytes) -> Path:
    """The file, holding that."""
    file.write_bytes(data)
    return file
