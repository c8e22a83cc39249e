"""The ledger gives back what was written, in order, and knows when something is missing."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from infra.errors import FalajError
from workloads.lib.consent import synthetic
from workloads.lib.consent.ledger import START, Entry, Ledger
from workloads.lib.fingerprint import canonical
from workloads.lib.object_store import ObjectStore

DAY = datetime(2025, 1, 1, tzinfo=UTC)


def entry(subject: str, day: int = 0, state="granted") -> Entry:
    at = DAY + timedelta(days=day)
    return Entry(subject, "training", state, at, at)


def refused(action, *arguments) -> str:
    with pytest.raises(FalajError) as caught:
        action(*arguments)
    return caught.value.code


def test_entries_come_back_in_order_and_the_head_moves(store: ObjectStore):
    ledger = Ledger(store)
    assert (ledger.entries(), ledger.head()) == ([], START)
    first = ledger.append([entry("a"), entry("b")])
    second = ledger.append([entry("a", 3, "withdrawn")])
    assert ledger.entries() == [entry("a"), entry("b"), entry("a", 3, "withdrawn")]
    assert ledger.head() == second != first


def test_a_removed_reordered_edited_or_forged_batch_is_found(store: ObjectStore):
    ledger = Ledger(store)
    for subject in "abc":
        ledger.append([entry(subject)])
    names = store.names("consent/")
    one, two = (store.get(name) for name in names[:2])
    store.put(names[0], two)
    assert refused(ledger.entries) == "DAT-014"
    store.put(names[0], canonical({"entries": [entry("z").as_dict()], "previous": START}))
    assert refused(ledger.entries) == "DAT-014"
    store.put(names[0], one)
    store.delete(names[1])
    assert refused(ledger.entries) == "DAT-014"
    path = store._file(names[2])
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    store.put(names[1], two)
    assert refused(ledger.entries) == "STO-004"


def test_two_writers_cannot_both_write_the_same_place(store: ObjectStore, monkeypatch: pytest.MonkeyPatch):
    ledger = Ledger(store)
    monkeypatch.setattr(Ledger, "_batches", lambda _: ([], START))  # both looked before either wrote
    ledger.append([entry("a")])
    assert refused(ledger.append, [entry("b")]) == "STO-009"


def test_an_entry_without_a_zone_or_a_name_is_refused():
    assert refused(Entry, "a", "p", "granted", datetime(2025, 1, 1), DAY) == "DAT-015"  # noqa: DTZ001
    assert refused(Entry, "", "p", "granted", DAY, DAY) == "DAT-015"
    dubai = DAY.astimezone(timezone(timedelta(hours=4)))
    assert Entry("a", "p", "granted", dubai, DAY).as_dict()["at"] == "2025-01-01T00:00:00+00:00"


def test_a_synthetic_ledger_is_its_seed_and_says_what_it_is():
    people, end = [str(i) for i in range(2000)], DAY + timedelta(days=100)
    made = list(synthetic.entries(people, "training", DAY, end, seed=7))
    assert made == list(synthetic.entries(reversed(people), "training", DAY, end, seed=7))
    assert made != list(synthetic.entries(people, "training", DAY, end, seed=8))
    assert {entry.purpose for entry in made} == {"synthetic:training"}
    grants, withdrawals = ([e for e in made if e.state == state] for state in ("granted", "withdrawn"))
    assert 1740 < len(grants) < 1860
    assert 50 < len(withdrawals) < 130
    assert all(DAY <= e.at <= e.recorded for e in made)
    assert max(e.at for e in grants) <= DAY + timedelta(days=50) <= min(e.at for e in withdrawals)
