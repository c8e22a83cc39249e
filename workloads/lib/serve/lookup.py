"""Lookup: the features that a request leaves out, from the online store, as they were known at its instant."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from infra.errors import FalajError
from workloads.lib.features.definition import FeatureView
from workloads.lib.features.online import Online
from workloads.lib.serve.schema import Row

AT = "falaj-at"
"""Header: the instant that a request is about, RFC 3339 with a zone; now without it."""


class Lookup:
    """For the views of the models that are served."""

    def __init__(self, online: Online | None, views: Sequence[FeatureView]) -> None:
        self._online = online
        self._views = tuple({view.digest: view for view in views}.values()) if online else ()

    def wanted(self, row: Row) -> tuple[FeatureView, ...]:
        """The views of which the request names the keys and no feature: who gives one, gives them all."""
        given = row.model_fields_set
        return tuple(view for view in self._views if given.issuperset(view.keys) and given.isdisjoint(view.names))

    def read(self, row: Row, at: str | None) -> dict[str, Any]:
        """What is known of them, nulls where nothing is. Of two versions of a feature the first view's counts.

        WRK-017 when `at` is no instant, FEA-007 and FEA-008 as for `Online.read`.
        """
        assert self._online is not None
        instant, columns, found = _instant(at), type(row).model_fields.keys(), dict[str, Any]()
        for view in self.wanted(row):
            key = {name: getattr(row, name) for name in view.keys}
            answer = self._online.read(view, [key], instant)[0]
            found = {name: value for name, value in answer.values.items() if name in columns} | found
        return found


def _instant(at: str | None) -> datetime | None:
    if at is None:
        return None
    with suppress(ValueError):
        if (instant := datetime.fromisoformat(at)).utcoffset() is not None:
            return instant
    fix = "Write an RFC 3339 instant with a zone, or leave the header out for now."
    raise FalajError("WRK-017", f"header {AT}", f"{at[:40]!r} is no instant with a zone", fix)
