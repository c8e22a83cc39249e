"""Both online stores, by the same tests; the Redis one against a real server."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.errors import FalajError
from tests.workloads.lib.features.server import Server, server
from workloads.lib.features.definition import Feature, FeatureView
from workloads.lib.features.online import Answer, Online, Row
from workloads.lib.features.redis import RedisStore
from workloads.lib.features.sqlite import SqliteStore
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore

VIEW = FeatureView(
    name="person",
    description="A person's last visit",
    owner="clinic",
    source="visits",
    keys=("id", "site"),
    event_time="at",
    known_at="known",
    ttl=timedelta(microseconds=1),
    features=(
        Feature(name="visits", kind="integer", description="How many"),
        Feature(name="weight", kind="number", description="In kg"),
        Feature(name="diagnosis", kind="text", description="The code"),
        Feature(name="smokes", kind="boolean", description="Whether"),
    ),
)
KEY = {"id": 7841990, "site": "Dubai"}
NOTHING = Answer(dict.fromkeys(VIEW.names), None)


def row(event: int, known: int, visits: int = 0, key: dict[str, Any] = KEY) -> Row:
    return Row(key, event, known, (visits, 0.1, "J45", True))


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> ObjectStore:
    folder = tmp_path_factory.mktemp("platform")
    return ObjectStore.create(folder / "store", KeyRing.create(folder / "keys/ring.json", b"correct horse"))


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("redis")) as running:
        yield running


def redis_store(platform: ObjectStore, running: Server, **change: Any) -> RedisStore:
    store = RedisStore(platform, "127.0.0.1", running.port, "features", running.password, running.authority)
    return replace(store, **change)


@pytest.fixture(scope="module", params=["sqlite", "redis"])
def online(request: pytest.FixtureRequest, platform: ObjectStore, tmp_path_factory: pytest.TempPathFactory) -> Online:
    if request.param == "sqlite":
        return SqliteStore(platform, tmp_path_factory.mktemp("sqlite") / "online.db")
    return redis_store(platform, request.getfixturevalue("redis_server"))


@pytest.fixture
def view(request: pytest.FixtureRequest) -> FeatureView:
    """A view of each test's own, so that they share a store and no rows."""
    return VIEW.model_copy(update={"description": request.node.nodeid})


def visits(online: Online, view: FeatureView, at: int) -> int | None:
    return online.read(view, [KEY], at)[0].values["visits"]


def test_values_come_back_as_they_were_and_in_the_order_of_the_keys(online: Online, view: FeatureView) -> None:
    other = {**KEY, "site": "Abu Dhabi"}
    values = (2**62, 0.1 + 0.2, "é\0", False)
    online.write_many(view, [Row(KEY, 5, 6, values), Row(other, 5, 5, (None, -0.0, None, None))])
    first, nobody, second = online.read(view, [other, {"id": 1, "site": ""}, KEY], 10)
    assert second == Answer(dict(zip(view.names, values, strict=True)), 5)
    assert str(first.values["weight"]) == "-0.0"
    assert first.values["visits"] is None
    assert nobody == NOTHING
    assert online.read(view, [], 10) == []


def test_what_is_past_the_ttl_or_not_yet_known_is_no_answer(online: Online, view: FeatureView) -> None:
    online.write_many(view, [row(5, 7)])
    for at, there in ((4, False), (6, False), (7, True), (1005, True), (1006, False)):
        assert (online.read(view, [KEY], at)[0].event == 5) is there
    assert online.read(view, [KEY]) == [NOTHING]
    assert online.read(view, [KEY], datetime.fromtimestamp(0, UTC) + timedelta(microseconds=1))[0].event == 5


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=12), st.data())
def test_the_outcome_is_the_latest_event_then_the_latest_known_in_whatever_order_rows_come(
    online: Online, view: FeatureView, instants: list[tuple[int, int]], data: Any
) -> None:
    online.forget(view, [KEY])
    cut = data.draw(st.integers(0, len(instants)))
    rows = [row(event, known, visits=place) for place, (event, known) in enumerate(instants)]
    online.write_many(view, rows[:cut])
    online.write_many(view, rows[cut:])
    event, _, place = max((event, known, place) for place, (event, known) in enumerate(instants))
    answer = online.read(view, [KEY], 10)[0]
    assert answer.event == event
    assert answer.values["visits"] == place


def test_a_view_of_another_version_is_another_view(online: Online, view: FeatureView) -> None:
    online.write_many(view, [row(5, 5, 1)])
    online.mark(view, "there")
    changed = view.model_copy(update={"owner": "somebody else"})
    assert visits(online, changed, 10) is None
    assert online.marked(changed) is None
    assert online.marked(view) == "there"


def test_a_persons_rows_can_be_forgotten_and_the_expired_swept(online: Online, view: FeatureView) -> None:
    other = {"id": 2, "site": "Dubai"}
    online.write_many(view, [row(5, 5, 1), row(900, 900, 2, other)])
    online.sweep(view, 1005)
    assert visits(online, view, 10) == 1
    online.sweep(view, 1006)
    assert visits(online, view, 10) is None
    online.forget(view, [other])
    online.forget(view, [])
    assert online.read(view, [other], 1000) == [NOTHING]


def test_who_is_no_key_and_when_is_no_instant(online: Online, view: FeatureView) -> None:
    for key in ({"id": 1}, {"id": 1.5, "site": "x"}, {"id": True, "site": "x"}, {"id": None, "site": "x"}):
        with pytest.raises(FalajError, match=r"FEA-009 feature view person: its keys are id, site"):
            online.read(view, [key], 1)
    with pytest.raises(FalajError, match=r"FEA-004 2024-01-01T00:00:00: it has no time zone"):
        online.read(view, [KEY], datetime(2024, 1, 1))  # noqa: DTZ001


def test_the_file_holds_neither_who_nor_what_and_no_row_fits_another_place(
    platform: ObjectStore, tmp_path: Path
) -> None:
    online = SqliteStore(platform, tmp_path / "online.db")
    other = {"id": 2, "site": "Dubai"}
    online.write_many(VIEW, [row(5, 5, 1), row(5, 5, 2, other)])
    online.read(VIEW, [KEY], 5)
    for file in tmp_path.iterdir():
        assert file.stat().st_mode & 0o077 == 0
        assert not any(text in file.read_bytes() for text in (b"J45", b"Dubai", b"7841990"))
    with sqlite3.connect(online.path) as database:
        sealed = [found for (found,) in database.execute("SELECT sealed FROM answers")]
        database.execute("UPDATE answers SET sealed = CASE sealed WHEN ? THEN ? ELSE ? END", [*sealed, sealed[0]])
    for key in (KEY, other):
        with pytest.raises(FalajError, match=r"FEA-008 feature view person: the row .* does not authenticate"):
            online.read(VIEW, [key], 5)
    with sqlite3.connect(online.path) as database:
        database.execute(
            "UPDATE answers SET sealed = CASE sealed WHEN ? THEN ? ELSE ? END, event = 4", [*sealed, sealed[0]]
        )
    with pytest.raises(FalajError, match=r"FEA-008"):
        online.read(VIEW, [KEY], 5)


def test_another_platform_reads_nothing(platform: ObjectStore, store: ObjectStore, tmp_path: Path) -> None:
    SqliteStore(platform, tmp_path / "online.db").write_many(VIEW, [row(5, 5, 1)])
    assert SqliteStore(store, tmp_path / "online.db").read(VIEW, [KEY], 5) == [NOTHING]


def test_a_file_that_is_no_database_and_one_that_cannot_be(platform: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, but long enough to be looked at as one" * 99)
    with pytest.raises(FalajError, match=r"FEA-007 .*text: SQLite says: file is not a database"):
        SqliteStore(platform, tmp_path / "text")
    with pytest.raises(FalajError, match=r"FEA-007 .*could not be made: No such file"):
        SqliteStore(platform, tmp_path / "nowhere" / "online.db")


def test_processes_that_write_at_once_lose_nothing(platform: ObjectStore, tmp_path: Path) -> None:
    code = """
import sys
from pathlib import Path
from workloads.lib.features.definition import FeatureView
from workloads.lib.features.online import Row
from workloads.lib.features.sqlite import SqliteStore
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore
keys, store, path, view, first = sys.argv[1:]
view = FeatureView.model_validate_json(view)
platform = ObjectStore.open(Path(store), KeyRing.open(Path(keys), b"correct horse"))
online = SqliteStore(platform, Path(path))
for event in range(int(first), 100, 2):
    last = Row({"id": 7841990, "site": "Dubai"}, event, event, (event, None, None, None))
    online.write_many(view, [last, Row({"id": event, "site": ""}, 0, 0, (1, None, None, None))])
"""
    path = tmp_path / "online.db"
    arguments = [str(platform.ring.path), str(platform.path), str(path), VIEW.model_dump_json()]
    writers = [subprocess.Popen([sys.executable, "-c", code, *arguments, first]) for first in ("0", "1")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    online = SqliteStore(platform, path)
    assert visits(online, VIEW, 99) == 99
    assert all(answer.event == 0 for answer in online.read(VIEW, [{"id": n, "site": ""} for n in range(100)], 0))


def test_redis_is_refused_without_its_password_or_its_certificate(
    platform: ObjectStore, redis_server: Server, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("guess")
    with pytest.raises(
        FalajError, match=r"FEA-007 redis at 127.0.0.1:.* AuthenticationError: invalid username-password pair"
    ):
        redis_store(platform, redis_server, password_file=wrong).read(VIEW, [KEY])
    with pytest.raises(FalajError, match=r"FEA-007 redis at 127.0.0.1:.*(?i:certificate verify failed)"):
        redis_store(platform, redis_server, authority=None).read(VIEW, [KEY])
    with pytest.raises(FalajError, match=r"FEA-007 redis at localhost:.*(?i:certificate verify failed.*mismatch)"):
        redis_store(platform, redis_server, host="localhost").read(VIEW, [KEY])


def test_a_server_that_goes_away_is_an_error_and_its_return_is_enough(platform: ObjectStore, tmp_path: Path) -> None:
    with server(tmp_path) as running:
        online = redis_store(platform, running)
        online.write_many(VIEW, [row(5, 5, 1)])
        assert visits(online, VIEW, 5) == 1
    with pytest.raises(FalajError, match=r"FEA-007"):
        online.read(VIEW, [KEY], 5)
