"""What `falaj consent` asks, as processes on a platform file with a real lake and lineage."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.errors import FalajError
from tests.workloads.command import ask
from tests.workloads.lib.data.conftest import VISITS, visits
from workloads.lib.consent.ledger import Ledger
from workloads.lib.consent.record import COLUMNS, entry, read, record
from workloads.lib.data.table import Lake
from workloads.lib.lineage import log as lineage
from workloads.lib.lineage.event import event
from workloads.lib.lineage.node import Node, Subjects
from workloads.lib.object_store import ObjectStore, digest
from workloads.lib.registry import Registry
from workloads.lib.serve import assign
from workloads.lib.serve import log as requests

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEAD = ",".join(COLUMNS)


WENT = "2025-06-01T00:00:00+00:00"


def of(at: str) -> dict[str, str]:
    return {"at": at, "known": NOW.isoformat()}


def test_a_grant_and_a_withdrawal_hold_from_when_they_say(platform: Path) -> None:
    assert ask("consent", platform, "granted", "--at=2026-01-01T00:00:00Z", "--", "-7", "care")["recorded"] == 1
    again = ask("consent", platform, "granted", "--at=2026-01-01T03:00:00+03:00", "--", "-7", "care")
    assert (again["recorded"], again["known"]) == (0, True), "the same instant, written otherwise"
    assert ask("consent", platform, "show", "--", "-7")["granted"] == {"care": True}
    ask("consent", platform, "withdrawn", "--", "-7", "care")
    assert ask("consent", platform, "show", "--", "-7")["granted"] == {"care": False}
    assert ask("consent", platform, "status")["purposes"] == {"care": {"entries": 2, "persons": 1, "granted": 0}}
    assert ask("consent", platform, "granted", "--at=2026-01-01", "--", "8", "care")["code"] == "FALAJ-DAT-015"
    assert ask("consent", platform, "granted", "--", "8", "")["code"] == "FALAJ-DAT-015"
    assert ask("consent", platform, "show", "8")["entries"] == []


def test_a_file_is_taken_whole_or_not_at_all_and_once(platform: Path, tmp_path: Path) -> None:
    file, line = tmp_path / "consents.csv", "\n{},care,granted,2026-01-01T00:00:00Z"
    file.write_text(HEAD + "".join(map(line.format, range(5))) + "\n9,care,maybe,2026-01-01T00:00:00Z\n")
    refused = ask("consent", platform, "record", str(file))
    assert refused["code"] == "FALAJ-DAT-015"
    assert (refused["place"], refused["problem"]) == (f"{file}:7", "consent for care: 'maybe' is no state")
    assert ask("consent", platform, "status")["purposes"] == {}
    file.write_text(HEAD + "".join(map(line.format, range(5))))
    assert ask("consent", platform, "record", str(file))["recorded"] == 5
    file.write_text(HEAD + "".join(map(line.format, range(4, 8))))
    assert ask("consent", platform, "record", str(file))["recorded"] == 3


@given(st.binary(max_size=200))
def test_whatever_file_it_is_it_is_entries_or_one_clear_line(tmp_path_factory: pytest.TempPathFactory, data: bytes):
    file = tmp_path_factory.getbasetemp() / "hostile.csv"
    for text in (data, HEAD.encode() + b"\n" + data):
        file.write_bytes(text)
        try:
            read(file, NOW)
        except FalajError as error:
            assert error.code == "DAT-015"


def test_of_many_writers_at_once_every_word_lands(store: ObjectStore) -> None:
    def say(number: int) -> int:
        said = entry(str(number), "care", "granted", NOW.isoformat(), NOW)
        return record(Ledger(ObjectStore.open(store.path, store.ring)), [said])

    with ThreadPoolExecutor(8) as writers:
        assert sum(writers.map(say, range(16))) == 16
    assert {one.subject for one in Ledger(store).entries()} == set(map(str, range(16)))


def test_the_plan_of_an_erasure_names_all_that_lineage_reaches(store: ObjectStore, platform: Path) -> None:
    lake = Lake(store)
    lake.create(VISITS)
    lake.append(VISITS.name, visits(0, 25))
    table = lake.version(VISITS.name)
    assert VISITS.subject is not None
    who = "person-1"
    subjects = Subjects("lake", f"{table.table}@{table.snapshot}", VISITS.subject)
    rows = Node("data", "w/visits", table.digest, subjects)
    for said in (
        entry(who, "care", "granted", "2025-01-01T00:00:00Z", NOW),
        entry(who, "care", "withdrawn", WENT, NOW),
    ):
        record(Ledger(store), [said])
    registry = Registry(store)
    served, left, after = (
        Node("model", "w", registry.publish("w", {"weights": at.encode()}, {"consent": {"purpose": "care", **of(at)}}))
        for at in ("2025-05-01T00:00:00+00:00", "2025-05-31T00:00:00+00:00", WENT)
    )
    about = {"stack": "local", "workload": "w", "key": digest(b"k")}
    lineage.append(store, event("COMPLETE", **about, step="train", reads=[rows], makes=[served, left, after]))
    point = Node("endpoint", "w/predict", served.digest)
    lineage.append(store, event("COMPLETE", **about, step="serve", reads=[served], makes=[point]))
    said = {"request": "r", "at": "2026-01-01T00:00:00.000+00:00", "arm": "champion", "prediction": 1.0}
    whose = assign.pseudonym(assign.key(store), who)
    requests.write(store, "w", [{**said, "subject": whose}, {**said, "request": "q", "subject": None}])

    plan = ask("consent", platform, "erasure", who)
    assert plan["snapshots"] == {VISITS.name: [str(table.snapshot)]}
    assert plan["tables"] == {VISITS.name: 10}
    assert (plan["retrain"], plan["withdraw"]) == ([f"w@{served.digest}"], [f"w@{left.digest}"])
    assert plan["logs"] == ["requests/w: 1"]
    assert lake.version(VISITS.name) == table, "nothing is touched"
    nobody = ask("consent", platform, "erasure", "nobody there")
    assert not any(nobody[part] for part in ("tables", "snapshots", "retrain", "withdraw", "logs"))
