"""Alarms over windows, against an oracle that counts; what is told, once, whatever is killed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import FalajError
from workloads.lib.key_ring import KeyRing
from workloads.lib.monitor.alarm import Alarm, Alarms
from workloads.lib.object_store import ObjectStore
from workloads.lib.workspace import Workspace

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def work(store: ObjectStore) -> Workspace:
    return Workspace(store, "monitor/employment")


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def replay(alarms: Alarms, windows: str, first: int = 0) -> list[Alarm]:
    """`b` bad, `g` good, a day each; what is news is told of."""
    seen: list[Alarm] = []
    for number, window in enumerate(windows, start=first):
        seen.append(alarms.observe("drift", window == "b", day(number), {"day": number}))
        if seen[-1].news:
            alarms.told(seen[-1])
    return seen


def states(seen: list[Alarm]) -> str:
    return " ".join(alarm.state + "!" * alarm.news for alarm in seen)


@pytest.mark.parametrize(
    ("windows", "for_", "clear", "said"),
    [
        ("ggb", 1, 1, "ok ok firing!"),
        ("bbbg", 2, 1, "pending firing! firing resolved!"),
        ("bgbgb", 2, 1, "pending ok pending ok pending"),
        ("bbgbgg", 2, 2, "pending firing! firing firing firing resolved!"),
        ("bbggbb", 2, 1, "pending firing! resolved! ok pending firing!"),
        ("bbgb", 1, 1, "firing! firing resolved! firing!"),
    ],
)
def test_states(work: Workspace, windows: str, for_: int, clear: int, said: str):
    assert states(replay(Alarms(work, for_=for_, clear=clear), windows)) == said


def test_an_alarm_says_since_when_and_why(work: Workspace):
    found = replay(Alarms(work, "sha256:1", for_=2), "gbbb")[-1]
    assert (found.state, found.began, found.since, found.at) == ("firing", day(1), day(2), day(3))
    assert (found.bad, found.good, found.detail, found.model) == (3, 0, {"day": 3}, "sha256:1")
    assert found.id == "drift@2026-01-02T00:00:00+00:00"
    assert Alarms(work).all() == [found]


def test_a_window_told_twice_or_late_changes_nothing(work: Workspace):
    alarms = Alarms(work, for_=2)
    seen = replay(alarms, "bb")
    for number in (1, 0, -5):
        again = alarms.observe("drift", True, day(number), {})
        assert (again.state, again.bad, again.at, again.news) == ("firing", 2, seen[-1].at, False)
    elsewhere = day(1).astimezone(timezone(timedelta(hours=4)))
    assert alarms.observe("drift", False, elsewhere, {}).state == "firing"


def test_what_nobody_heard_of_stays_news(work: Workspace):
    alarms = Alarms(work, for_=1)
    first = alarms.observe("drift", True, day(0), {})
    assert first.news
    again = Alarms(work, for_=1).observe("drift", True, day(0), {})  # killed before it was told
    assert again == first
    assert alarms.observe("drift", True, day(1), {}).news
    assert not alarms.told(again).news
    assert not alarms.observe("drift", True, day(2), {}).news


def test_within_its_cool_down_it_fires_in_silence(work: Workspace):
    alarms = Alarms(work, for_=1, cool_down=timedelta(days=5))
    assert states(replay(alarms, "bgbgbg")) == "firing! resolved! firing resolved firing resolved"
    assert states(replay(alarms, "bb", first=6)) == "firing! firing"
    flapping = Alarms(Workspace(work.store, "monitor/other"), for_=1, cool_down=timedelta(days=3))
    assert states(replay(flapping, "bgbbbbb")) == "firing! resolved! firing firing firing! firing firing"


def test_two_who_observe_at_once_lose_no_alarm(work: Workspace):
    alarms = Alarms(work)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: alarms.observe(f"data:{one}", True, day(0), {}), range(40)))
    assert len(alarms.all()) == 40


def test_errors(work: Workspace):
    with pytest.raises(FalajError, match="MON-004 alarm drift: 2026-01-01T00:00:00 has no time zone"):
        Alarms(work).observe("drift", True, datetime(2026, 1, 1), {})  # noqa: DTZ001
    with pytest.raises(FalajError, match="MON-004 alarms: for_ is 0"):
        Alarms(work, for_=0)


@settings(max_examples=20, deadline=None)
@given(st.text("bg", max_size=25), st.integers(1, 3), st.integers(1, 3))
def test_any_windows(windows: str, for_: int, clear: int):
    """It fires from the first `for_` bad in a row to the first `clear` good in a row, and is told twice each time."""
    with TemporaryDirectory() as folder:
        store = ObjectStore.create(Path(folder) / "store", KeyRing.create(Path(folder) / "ring.json", b"correct horse"))
        seen = replay(Alarms(Workspace(store, "monitor/any"), for_=for_, clear=clear), windows)
    firing, expected = False, list[bool]()
    for place in range(len(windows)):
        last = windows[: place + 1]
        firing = not last.endswith("g" * clear) if firing else last.endswith("b" * for_)
        expected.append(firing)
    assert [alarm.state == "firing" for alarm in seen] == expected
    changes = sum(a != b for a, b in zip([False, *expected], expected, strict=False))
    assert sum(alarm.news for alarm in seen) == changes
    assert [alarm.state for alarm in seen].count("resolved") == changes // 2
