"""Whatever the gate is asked about, no rule breaks: real OPA, strict about its built-in functions."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.gate.decide import Gate
from policies.gate.document import Stack, from_release
from policies.gate.redact import SECRET, UNKNOWN

DEV = Stack(name="local", project="falaj", profile="dev", dry_run=True)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12)
    | st.sampled_from([UNKNOWN, SECRET, "127.0.0.1", "::1", "token", "AES-256-GCM", "/a", "sha256:"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
wild = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80)


@wild
@given(data=st.data())
def test_no_input_breaks_a_rule(gate: Gate, ask: Any, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(ask.good)))
    changed = data.draw(st.dictionaries(st.sampled_from([*ask.good[kind], "extra"]), values, min_size=1))
    decision = gate.decide(ask.resource(kind, **changed))
    assert decision.fault is None, decision.fault


def leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    inner = (
        [leaf for key, item in value.items() for leaf in leaves(item, (*path, key))] if isinstance(value, dict) else []
    )
    return [path, *inner] if path else inner


@wild
@given(data=st.data())
def test_no_release_breaks_a_rule(gate: Gate, cases: dict[str, Any], data: st.DataObject) -> None:
    question = copy.deepcopy({"release": cases["good_release"], "params": cases["good_params"]})
    *parents, last = data.draw(st.sampled_from(leaves(question)))
    target: Any = question
    for key in parents:
        target = target[key]
    target[last] = data.draw(values)
    decision = gate.decide({"gate": "release", "stack": DEV.model_dump(), **question})
    assert decision.fault is None or decision.fault.code == "GATE-013", decision.fault


@pytest.mark.parametrize("hosts", [[None], [7, {}], "x", {"a": None}, [[".svc"]]])
def test_hosts_that_are_none_allow_nobody_and_break_no_rule(gate: Gate, cases: dict[str, Any], hosts: Any) -> None:
    params = cases["good_params"] | {"hosts": hosts}
    decision = gate.decide(from_release(cases["good_release"], DEV, params))
    assert decision.fault is None, decision.fault
    assert "REL-011" in {finding.policy for finding in decision.findings}
