"""What a request leaves out is what the join would say of it at its instant."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.errors import FalajError
from tests.workloads.lib.features.test_join import BITEMPORAL, START, facts
from tests.workloads.lib.features.test_materialise import minute
from workloads.lib.data.column import Column, Schema
from workloads.lib.features.history import History
from workloads.lib.features.materialise import materialise
from workloads.lib.features.sqlite import SqliteStore
from workloads.lib.object_store import ObjectStore
from workloads.lib.serve.lookup import Lookup
from workloads.lib.serve.schema import Row, request_model

NULLABLE = Column("value", "A value", "number", nullable=True)
REQUEST = Schema("request", (Column("account", "Whose", "text"), Column("amount", "How much", "number"), NULLABLE), ())
MODEL = request_model(REQUEST, REQUEST.names)
NOW = (START + timedelta(minutes=5)).isoformat()


@pytest.fixture
def lookup(store: ObjectStore, tmp_path: Path) -> Lookup:
    online = SqliteStore(store, tmp_path / "online.db")
    materialise(online, History.of(BITEMPORAL, facts([("A", 1, 1, 1.0), ("A", 4, 4, 2.0)])), "sha256:1", minute(5))
    newer = BITEMPORAL.model_copy(update={"description": "another version of the same, of which nothing is known"})
    return Lookup(online, [BITEMPORAL, newer])


def row(**fields: Any) -> Row:
    return MODEL.model_validate_json(json.dumps({"account": "A", "amount": 3.0} | fields))


def test_it_is_read_as_of_the_instant_and_nothing_where_nothing_is_known(lookup: Lookup) -> None:
    assert lookup.read(row(), NOW) == {"value": 2.0}
    assert lookup.read(row(account="B"), NOW) == {"value": None}
    assert lookup.read(row(), START.isoformat()) == {"value": None}, "it was not known then"
    assert lookup.read(row(), None) == {"value": None}, "years later it is past its TTL"


def test_who_brings_it_is_believed_a_null_too(lookup: Lookup) -> None:
    assert lookup.wanted(row())
    assert not lookup.wanted(row(value=7.0))
    assert not lookup.wanted(row(value=None))


def test_without_a_store_nothing_is_looked_up() -> None:
    assert not Lookup(None, [BITEMPORAL]).wanted(row())


@pytest.mark.parametrize("at", ["", "yesterday", "2013-07-04T17:00:00", "2013-13-01T00:00:00Z"])
def test_an_instant_that_is_none_is_one_clear_line(lookup: Lookup, at: str) -> None:
    with pytest.raises(FalajError, match=r"WRK-017 header falaj-at: .* is no instant with a zone"):
        lookup.read(row(), at)
