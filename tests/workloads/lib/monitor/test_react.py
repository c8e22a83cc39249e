"""Reactions: what an alarm leads to, how often at most, and that none is lost or taken twice."""

import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from infra.errors import FalajError
from workloads.lib.monitor.raised import KINDS, Kind, Report, State
from workloads.lib.monitor.react import Action, Policy, Reaction, done, due, react, record, recorded, records, take
from workloads.lib.object_store import ObjectStore

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OLD, NEW = "sha256:" + "1" * 64, "sha256:" + "2" * 64
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POLICY = Policy(cool_down=DAY)


def alarm(kind: Kind = "data", hours: float = 0, model: str = OLD, state: State = "firing", name: str = "") -> Report:
    return Report(name or kind, kind, model, NOW + timedelta(hours=hours), {}, state)


def decided(
    *alarms: tuple[Report, float], policy: Policy = POLICY, moved: datetime | None = None
) -> list[tuple[Action, str]]:
    """What comes of alarms that are looked at so many hours after now, one after the other."""
    past: list[Reaction] = []
    for one, hours in alarms:
        past.append(react(policy, one, moved, past, NOW + timedelta(hours=hours)))
    return [(made.action, made.why) for made in past]


def actions(*alarms: tuple[Report, float], policy: Policy = POLICY, moved: datetime | None = None) -> list[Action]:
    return [action for action, _ in decided(*alarms, policy=policy, moved=moved)]


def test_a_model_that_is_new_in_its_place_is_taken_back_and_an_old_one_trained_anew() -> None:
    lately, before = NOW - timedelta(days=29), NOW - timedelta(days=31)
    assert {kind: [actions((alarm(kind), 0), moved=at)[0] for at in (lately, before, None)] for kind in KINDS} == {
        "data": ["retrain", "retrain", "retrain"],
        "prediction": ["rollback", "incident", "incident"],
        "concept": ["rollback", "retrain", "retrain"],
        "performance": ["rollback", "retrain", "retrain"],
        "serving": ["rollback", "incident", "incident"],
    }
    ((_, why),) = decided((alarm("concept"), 0), moved=lately)
    assert why.endswith(f"and the model was put in place at {lately.isoformat()}")
    assert actions((alarm("data"), 0), policy=Policy(retrain=())) == ["incident"]


@pytest.mark.parametrize("state", ["ok", "pending", "resolved"])
def test_what_does_not_fire_leads_to_nothing(state: State) -> None:
    ((action, why),) = decided((alarm(state=state), 0))
    assert (action, why) == ("none", f"data has been {state} since {NOW.isoformat()}")


def test_one_that_goes_on_gets_one_reaction_the_cool_down_to_end_and_then_people() -> None:
    seen = decided(*((alarm(), hours) for hours in (0, 1, 23, 24, 25, 99)))
    assert [action for action, _ in seen] == ["retrain", "none", "none", "incident", "none", "none"]
    assert seen[3][1].endswith("in spite of retrain at 2026-03-01T00:00:00+00:00")


def test_a_new_model_that_alarms_at_once_is_not_replaced_at_once() -> None:
    first, second = decided((alarm("concept"), 0), (alarm("concept", 5, NEW), 5))
    assert (first[0], second[0]) == ("retrain", "incident")
    assert "is still cooling down" in second[1]
    assert actions((alarm("concept"), 0), (alarm("concept", 25, NEW), 25)) == ["retrain", "retrain"]


def test_one_retraining_answers_all_alarms_of_a_model_that_ask_for_it() -> None:
    assert actions((alarm("data"), 0), (alarm("concept"), 1)) == ["retrain", "none"]
    assert actions((alarm("data"), 0), (alarm("performance"), 1), moved=NOW) == ["retrain", "rollback"]


def test_no_more_than_so_many_a_day() -> None:
    policy = Policy(cool_down=timedelta(0), most=2)
    models = [f"sha256:{n:064x}" for n in range(4)]
    seen = [(alarm("data", n, model), float(n)) for n, model in enumerate(models)]
    assert actions(*seen, policy=policy) == ["retrain", "retrain", "incident", "incident"]
    assert decided(*seen, policy=policy)[2][1].endswith("but there were 2 actions within a day, 2 are the most")
    later = (alarm("data", 30, "sha256:" + "f" * 64), 30.0)
    assert actions(*seen, later, policy=policy)[-1] == "retrain"
    assert actions((alarm(), 0), policy=Policy(most=0)) == ["incident"]


def test_a_clock_that_was_set_back_opens_no_way_around_the_cool_down() -> None:
    past = [react(POLICY, alarm(), None, [], NOW + 9 * DAY)]
    assert react(POLICY, alarm("concept", 1, NEW), None, past, NOW).action == "incident"
    assert react(Policy(most=1), alarm("performance", 1, NEW), NOW, past, NOW).action == "incident"


alarms = st.builds(
    alarm,
    st.sampled_from(KINDS),
    st.integers(0, 3),
    st.sampled_from([OLD, NEW]),
    st.sampled_from(["ok", "pending", "firing", "resolved"]),
)


@given(
    seen=st.lists(st.tuples(alarms, st.integers(0, 200)), max_size=25),
    most=st.integers(0, 3),
    cool=st.integers(0, 60),
    moved=st.none() | st.integers(-800, 200),
)
def test_however_alarms_come(seen: list[tuple[Report, int]], most: int, cool: int, moved: int | None) -> None:
    """At most so many in 24 hours, none of a kind within the cool-down, one answer to one firing, each with a why."""
    policy = Policy(cool_down=timedelta(hours=cool), most=most)
    put = None if moved is None else NOW + timedelta(hours=moved)
    past: list[Reaction] = []
    for one, hours in sorted(seen, key=lambda pair: pair[1]):
        made = react(policy, one, put, past, NOW + timedelta(hours=hours))
        assert made == react(policy, one, put, [other for other in past if other.action != "none"][::-1], made.at)
        assert made.why
        past.append(made)
        if one.state != "firing":
            assert made.action == "none"
    acted = [made for made in past if made.action in ("retrain", "rollback")]
    for made in acted:
        assert sum(made.at - DAY < other.at <= made.at for other in acted) <= most
        same = [other.at for other in acted if other.action == made.action]
        assert all(abs(at - made.at) >= policy.cool_down for at in same if at != made.at)
        assert sum((other.alarm, other.model) == (made.alarm, made.model) for other in acted) == 1
    people = [(made.alarm, made.model) for made in past if made.action == "incident"]
    assert len(people) == len(set(people))


def test_what_is_decided_is_on_record_and_due_until_its_outcome_is(store: ObjectStore) -> None:
    made = take(store, "m", POLICY, alarm(), now=NOW)
    assert take(store, "m", POLICY, alarm(), now=NOW + HOUR).action == "none"
    assert due(store, "m") == [made]  # a killed run finds it
    done(store, "m", made, f"registered {NEW}")
    done(store, "m", made, "again")
    assert (due(store, "m"), recorded(store, "m")) == ([], [made])
    assert [one.get("outcome") for one in records(store, "m")] == [None, f"registered {NEW}"]
    other = react(POLICY, alarm("concept", 30), None, recorded(store, "m"), NOW + 2 * DAY)
    record(store, "m", other)
    assert due(store, "m") == [other]


def _take(store: ObjectStore) -> None:
    take(store, "m", POLICY, alarm(), now=NOW)


def test_two_who_ask_at_once_get_one_reaction(store: ObjectStore) -> None:
    workers = [multiprocessing.get_context("fork").Process(target=_take, args=(store,)) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [made.action for made in recorded(store, "m")] == ["retrain"]


def test_a_record_that_was_taken_away_is_seen(store: ObjectStore) -> None:
    take(store, "m", POLICY, alarm(), now=NOW)
    store.delete("reactions/m/00000001")
    with pytest.raises(FalajError, match="INC-009"):
        recorded(store, "m")


@pytest.mark.parametrize(
    "wrong", [{"retrain": ["weather"]}, {"on": {}}, {"most": -1}, {"cool_down": -HOUR}, {"probation": -HOUR}]
)
def test_a_policy_that_is_none(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate(wrong)
