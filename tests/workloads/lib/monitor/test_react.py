"""Reactions: what an alarm leads to, how often at most, and that none is lost or taken twice."""

import multiprocessing
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from infra.errors import FalajError
from workloads.lib.monitor.raised import KINDS, Kind, Report, State
from workloads.lib.monitor.react import Action, Policy, Reaction, Reactions, decide
from workloads.lib.object_store import ObjectStore

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OLD, NEW = "sha256:" + "1" * 64, "sha256:" + "2" * 64
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POLICY = Policy()


def alarm(kind: Kind = "data", hours: float = 0, model: str = OLD, state: State = "firing", name: str = "") -> Report:
    return Report(name or kind, kind, model, NOW + timedelta(hours=hours), {}, state)


def decided(*alarms: tuple[Report, float], policy: Policy = POLICY) -> list[tuple[Action, str]]:
    """What comes of alarms that are looked at so many hours after now, one after the other."""
    history: list[Reaction] = []
    for one, hours in alarms:
        history.append(decide(policy, one, history, NOW + timedelta(hours=hours)))
    return [(made.action, made.why) for made in history]


def actions(*alarms: tuple[Report, float], policy: Policy = POLICY) -> list[Action]:
    return [action for action, _ in decided(*alarms, policy=policy)]


def test_each_kind_leads_to_what_the_policy_says() -> None:
    assert {kind: actions((alarm(kind), 0))[0] for kind in KINDS} == {
        "data": "retrain",
        "prediction": "incident",
        "concept": "retrain",
        "performance": "rollback",
        "serving": "rollback",
    }
    assert actions((alarm("data"), 0), policy=Policy(on={"serving": "rollback"})) == ["incident"]
    assert actions((alarm("data"), 0), policy=Policy(on={"data": "none"})) == ["none"]


@pytest.mark.parametrize("state", ["ok", "pending", "resolved"])
def test_what_does_not_fire_leads_to_nothing(state: State) -> None:
    assert decided((alarm(state=state), 0)) == [("none", f"the alarm is {state}")]


def test_one_that_goes_on_gets_one_reaction_the_cool_down_to_end_and_then_people() -> None:
    seen = decided(*((alarm(), hours) for hours in (0, 1, 23, 24, 25, 99)))
    assert [action for action, _ in seen] == ["retrain", "none", "none", "incident", "none", "none"]
    assert seen[3][1] == "it still fires after retrain of 2026-03-01T00:00:00+00:00"


def test_a_new_model_that_alarms_at_once_is_not_replaced_at_once() -> None:
    first, second = decided((alarm("concept"), 0), (alarm("concept", 5, NEW), 5))
    assert (first[0], second[0]) == ("retrain", "incident")
    assert "for the model before this one" in second[1]
    assert actions((alarm("concept"), 0), (alarm("concept", 25, NEW), 25)) == ["retrain", "retrain"]


def test_one_retraining_answers_all_alarms_of_a_model_that_ask_for_it() -> None:
    assert actions((alarm("data"), 0), (alarm("concept"), 1)) == ["retrain", "none"]
    assert actions((alarm("data"), 0), (alarm("performance"), 1)) == ["retrain", "rollback"]


def test_no_more_than_so_many_a_day() -> None:
    policy = Policy(cool_down=timedelta(0), most_a_day=2)
    models = [f"sha256:{n:064x}" for n in range(4)]
    seen = decided(*((alarm("data", n, model), n) for n, model in enumerate(models)), policy=policy)
    assert [action for action, _ in seen] == ["retrain", "retrain", "incident", "incident"]
    assert seen[2][1] == "instead of retrain: 2 reactions in 24 hours, the most is 2"
    later = (alarm("data", 30, "sha256:" + "f" * 64), 30)
    assert actions(*((alarm("data", n, m), n) for n, m in enumerate(models)), later, policy=policy)[-1] == "retrain"
    assert actions((alarm(), 0), policy=Policy(most_a_day=0)) == ["incident"]


def test_a_clock_that_was_set_back_opens_no_way_around_the_cool_down() -> None:
    history = [decide(POLICY, alarm(), [], NOW + 9 * DAY)]
    assert decide(POLICY, alarm("concept", 1, NEW), history, NOW).action == "incident"
    assert decide(Policy(most_a_day=1), alarm("performance", 1, NEW), history, NOW).action == "incident"


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
)
def test_however_alarms_come(seen: list[tuple[Report, int]], most: int, cool: int) -> None:
    """At most so many in 24 hours, none of a kind within the cool-down, one answer to one firing, each with a why."""
    policy = Policy(cool_down=timedelta(hours=cool), most_a_day=most)
    history: list[Reaction] = []
    for one, hours in sorted(seen, key=lambda pair: pair[1]):
        made = decide(policy, one, history, NOW + timedelta(hours=hours))
        assert made == decide(policy, one, [past for past in history if past.action != "none"], made.at)
        assert made.why
        history.append(made)
        if one.state != "firing":
            assert made.action == "none"
    acted = [made for made in history if made.action in ("retrain", "rollback")]
    for made in acted:
        assert sum(made.at - DAY < other.at <= made.at for other in acted) <= most
        same = [other.at for other in acted if other.action == made.action]
        assert all(abs(at - made.at) >= policy.cool_down for at in same if at != made.at)
        assert sum(other.firing == made.firing for other in acted) == 1
    people = [made.firing for made in history if made.action == "incident"]
    assert len(people) == len(set(people))


def test_what_is_decided_is_on_record_and_due_until_its_outcome_is(store: ObjectStore) -> None:
    reactions = Reactions(store, "m")
    made = reactions.take(POLICY, alarm(), NOW)
    assert reactions.take(POLICY, alarm(), NOW + HOUR).action == "none"
    assert Reactions(store, "m").due() == [made]  # a killed run finds it
    reactions.done(made, f"registered {NEW}")
    reactions.done(made, "again")
    assert (reactions.due(), reactions.history()) == ([], [made])
    assert [record.get("outcome") for record in reactions.records()] == [None, f"registered {NEW}"]


def _take(store: ObjectStore) -> None:
    Reactions(store, "m").take(POLICY, alarm(), NOW)


def test_two_who_ask_at_once_get_one_reaction(store: ObjectStore) -> None:
    workers = [multiprocessing.get_context("fork").Process(target=_take, args=(store,)) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [made.action for made in Reactions(store, "m").history()] == ["retrain"]


def test_a_record_that_was_taken_away_is_seen(store: ObjectStore) -> None:
    reactions = Reactions(store, "m")
    reactions.take(POLICY, alarm(), NOW)
    store.delete("reactions/m/00000001")
    with pytest.raises(FalajError, match="INC-009"):
        reactions.history()


@pytest.mark.parametrize(
    "wrong", [{"on": {"data": "reboot"}}, {"on": {"weather": "retrain"}}, {"most_a_day": -1}, {"cool_down": -HOUR}]
)
def test_a_policy_that_is_none(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate(wrong)
