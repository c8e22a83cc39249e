"""The online store: of each key the row with the latest event, and of equal events the one known later.

Writing takes the greater of what is there and what comes, so rows may come in any order, twice, or from several
writers, and the outcome is the same.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from infra.errors import FalajError
from workloads.lib.features.definition import FeatureView, nanoseconds
from workloads.lib.features.seal import Seal
from workloads.lib.object_store import ObjectStore


class Row(NamedTuple):
    """What is known of a key. Instants are nanoseconds since 1970, values are in the view's order."""

    key: Mapping[str, Any]
    event: int
    known: int
    values: tuple[Any, ...]


class Sealed(NamedTuple):
    """A row as the store holds it."""

    name: bytes
    event: int
    known: int
    values: bytes


@dataclass(frozen=True)
class Answer:
    """The values by feature, and since when they hold (nanoseconds since 1970); all None when nothing is known."""

    values: dict[str, Any]
    event: int | None


@dataclass(frozen=True)
class Online(ABC):
    """A store whose secret is the platform's. Its server or file sees neither keys nor values."""

    platform: ObjectStore = field(repr=False)
    _seals: dict[str, Seal] = field(
        default_factory=dict[str, Seal], init=False, repr=False, compare=False, kw_only=True
    )

    def write_many(self, view: FeatureView, rows: Iterable[Row]) -> None:
        """Keep what is newer than what is there, all of it or, when it fails (FEA-007), perhaps a part."""
        seal = self._seal(view)
        named = ((seal.name(row.key), row) for row in rows)
        self._write(view, [Sealed(n, r.event, r.known, seal.close(n, r.event, r.known, r.values)) for n, r in named])

    def read(
        self, view: FeatureView, keys: Sequence[Mapping[str, Any]], at: datetime | int | None = None
    ) -> list[Answer]:
        """The answers in the keys' order, as of `at`: an instant with a zone or nanoseconds since 1970, now by default.

        What is past the view's TTL, or from after `at`, is no answer. FEA-004 an instant without a zone, FEA-007 no
        connection, FEA-008 a damaged row, FEA-009 no key of the view.
        """
        now = instant(at)
        seal = self._seal(view)
        return [_answer(seal, found, now) for found in self._read(view, [seal.name(key) for key in keys])]

    def forget(self, view: FeatureView, keys: Sequence[Mapping[str, Any]]) -> None:
        """Delete what is known of these keys, as when a person withdraws consent."""
        seal = self._seal(view)
        self._forget(view, [seal.name(key) for key in keys])

    def sweep(self, view: FeatureView, at: datetime | int | None = None) -> None:
        """Delete what is past the view's TTL as of `at` (now by default): it will never be an answer again."""
        if view.ttl:
            self._sweep(view, instant(at) - nanoseconds(view.ttl))

    def _seal(self, view: FeatureView) -> Seal:
        if view.digest not in self._seals:
            self._seals[view.digest] = Seal.of(self.platform, view)
        return self._seals[view.digest]

    @abstractmethod
    def mark(self, view: FeatureView, mark: str) -> None:
        """Remember how far the view is materialised."""

    @abstractmethod
    def marked(self, view: FeatureView) -> str | None:
        """What `mark` was given last."""

    @abstractmethod
    def _write(self, view: FeatureView, rows: list[Sealed]) -> None: ...

    @abstractmethod
    def _read(self, view: FeatureView, names: list[bytes]) -> list[Sealed | None]: ...

    @abstractmethod
    def _forget(self, view: FeatureView, names: list[bytes]) -> None: ...

    @abstractmethod
    def _sweep(self, view: FeatureView, before: int) -> None: ...


def instant(at: datetime | int | None) -> int:
    """Nanoseconds since 1970. FEA-004 without a time zone."""
    if at is None:
        return time.time_ns()
    if isinstance(at, int):
        return at
    if at.utcoffset() is None:
        raise FalajError("FEA-004", at.isoformat(), "it has no time zone")
    return nanoseconds(at - datetime.fromisoformat("1970-01-01T00:00:00Z"))


def _answer(seal: Seal, found: Sealed | None, now: int) -> Answer:
    ttl = seal.view.ttl
    if found is None or max(found.event, found.known) > now or (ttl and now - found.event > nanoseconds(ttl)):
        return Answer(dict.fromkeys(seal.view.names), None)
    return Answer(seal.open(*found), found.event)
