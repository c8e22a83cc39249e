"""Only rows with consent for the purpose, at the instant, as it was known then, get through."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import FalajError
from tests.workloads.lib.data.conftest import VISITS, visits
from workloads.lib.consent.ledger import Entry, Ledger
from workloads.lib.consent.select import granted, select, snapshot
from workloads.lib.data.column import Column, Schema
from workloads.lib.object_store import ObjectStore

DAY = datetime(2025, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return DAY + timedelta(days=number)


def entry(state, at: float, recorded: float | None = None, subject: str = "a", purpose: str = "training") -> Entry:
    return Entry(subject, purpose, state, day(at), day(at if recorded is None else recorded))


def allowed(entries: list[Entry], at: float, known: float = 99) -> bool:
    return "a" in granted(entries, "training", day(at), day(known))


def test_consent_holds_from_its_instant_to_the_withdrawals():
    entries = [entry("granted", 1), entry("withdrawn", 3), entry("granted", 5)]
    answers = {at: allowed(entries, at) for at in (0.999, 1, 2.999, 3, 4.999, 5, 6)}
    assert answers == {0.999: False, 1: True, 2.999: True, 3: False, 4.999: False, 5: True, 6: True}


def test_what_is_recorded_late_counts_once_it_is_known():
    entries = [entry("granted", 1), entry("withdrawn", 3, recorded=10)]
    assert allowed(entries, at=4, known=9.999)
    assert not allowed(entries, at=4, known=10)
    assert allowed(entries, at=2.999, known=10)


def test_in_doubt_there_is_no_consent():
    assert not allowed([entry("withdrawn", 1), entry("granted", 1)], 2)
    assert not allowed([entry("granted", 1), entry("withdrawn", 1)], 2)
    assert allowed([entry("withdrawn", 1, 1), entry("granted", 1, 2)], 2)
    assert not allowed([], 2)
    assert not allowed([entry("granted", 1, subject="b"), entry("granted", 1, purpose="marketing")], 2)


ENTRIES = st.lists(
    st.builds(
        entry,
        st.sampled_from(["granted", "withdrawn"]),
        st.integers(0, 4),
        st.integers(0, 4),
        st.sampled_from("abc"),
        st.sampled_from(["training", "other"]),
    ),
    max_size=10,
)


@given(ENTRIES, st.integers(0, 4), st.integers(0, 4), st.randoms(use_true_random=False))
def test_it_is_what_going_through_the_entries_by_hand_gives(entries: list[Entry], at: int, known: int, random):
    expected = set()
    for subject in "abc":
        mine = [e for e in entries if e.subject == subject and e.purpose == "training"]
        mine = [e for e in mine if e.at <= day(at) and e.recorded <= day(known)]
        mine = [e for e in mine if e.at == max(x.at for x in mine)]
        mine = [e for e in mine if e.recorded == max(x.recorded for x in mine)]
        if mine and all(e.state == "granted" for e in mine):
            expected.add(subject)
    random.shuffle(entries)
    assert granted(entries, "training", day(at), day(known)) == expected


def test_rows_are_kept_or_counted_and_the_next_run_sees_a_withdrawal(store: ObjectStore):
    ledger = Ledger(store)
    ledger.append(entry("granted", 0, subject=f"person-{i}") for i in range(4))
    rows = visits(0, 50)
    first, subjects = snapshot(ledger, "training", day(1), day(1))
    kept, excluded = select(rows, VISITS, subjects)
    assert (kept.num_rows, excluded, first.subjects_granted) == (40, 10, 4)
    assert kept.equals(rows.slice(0, 40))

    ledger.append([entry("withdrawn", 2, subject="person-1")])
    assert snapshot(ledger, "training", day(1), day(1))[0].digest == first.digest  # the first run, done again
    second, subjects = snapshot(ledger, "training", day(2), day(2))
    kept, excluded = select(rows, VISITS, subjects)
    assert (kept.num_rows, excluded) == (30, 20)
    assert "person-1" not in kept["person"].to_pylist()
    assert second.digest != first.digest
    assert second.as_dict()["at"] == "2025-01-03T00:00:00+00:00"


def test_ids_may_be_numbers_a_row_of_nobody_is_left_out_and_a_table_has_to_say():
    schema = Schema("t", (Column("who", "Who", "integer", nullable=True, pii="indirect"),), ("who",), subject="who")
    rows = pa.table({"who": [1, None, 2, 12]})
    kept, excluded = select(rows, schema, frozenset({"1", "12"}))
    assert (kept["who"].to_pylist(), excluded) == ([1, 12], 2)
    with pytest.raises(FalajError, match="DAT-015"):
        select(rows, Schema("t", schema.columns, ("who",)), frozenset())
