"""Whose rows a run may use: asked again when somebody spoke, or an announced change came due, and else not."""

from datetime import UTC, datetime, timedelta

from workloads.lib.consent.ledger import Entry, Ledger
from workloads.lib.lifecycle.consent import granted
from workloads.lib.lifecycle.spec import Consent
from workloads.lib.object_store import ObjectStore
from workloads.lib.workspace import Workspace

PURPOSE = Consent(purpose="research", seed=1, granted=0.8, withdrawn=0.1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = [str(number) for number in range(500)]


def nobody() -> list[str]:
    raise AssertionError("the tables are not read for a ledger that is there")


def test_a_ledger_is_made_up_once_and_read_again_only_when_somebody_spoke(store: ObjectStore):
    source = Workspace(store, "data/x")
    first = granted(source, PURPOSE, lambda: PEOPLE, NOW)
    assert first.fresh
    assert first.snapshot["purpose"] == "synthetic:research"
    assert 300 < first.snapshot["subjects_granted"] < 400
    again = granted(source, PURPOSE, nobody, NOW + timedelta(days=1))
    assert not again.fresh
    assert again.subjects == first.subjects

    who = source.get_json("granted")[0]
    Ledger(store).append([Entry(who, "synthetic:research", "withdrawn", NOW, NOW)])
    third = granted(source, PURPOSE, nobody, NOW + timedelta(days=1))
    assert third.fresh
    assert third.subjects != first.subjects
    assert who not in source.get_json("granted")

    Ledger(store).append([Entry(who, "another", "granted", NOW, NOW)])
    assert granted(source, PURPOSE, nobody, NOW + timedelta(days=2)).subjects == third.subjects


def test_one_own_word_and_nobodys_is_made_up_any_more(store: ObjectStore):
    source = Workspace(store, "data/x")
    assert len(PEOPLE) > granted(source, PURPOSE, lambda: PEOPLE, NOW).snapshot["subjects_granted"] > 300
    Ledger(store).append([Entry("7", "research", "granted", NOW, NOW), Entry("8", "research", "withdrawn", NOW, NOW)])
    own = granted(source, PURPOSE, nobody, NOW)
    assert (own.snapshot["purpose"], own.snapshot["subjects_granted"]) == ("research", 1)
    assert source.get_json("granted") == ["7"]


def test_a_withdrawal_that_was_announced_counts_when_its_day_has_come(store: ObjectStore):
    source = Workspace(store, "data/x")
    before = granted(source, PURPOSE, lambda: PEOPLE, NOW)
    who = source.get_json("granted")[0]
    Ledger(store).append([Entry(who, "synthetic:research", "withdrawn", NOW + timedelta(days=9), NOW)])
    assert granted(source, PURPOSE, nobody, NOW + timedelta(days=1)).subjects == before.subjects
    assert not granted(source, PURPOSE, nobody, NOW + timedelta(days=8)).fresh
    assert granted(source, PURPOSE, nobody, NOW + timedelta(days=9)).subjects != before.subjects
    assert who not in source.get_json("granted")
