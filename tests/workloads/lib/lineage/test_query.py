"""The graph and its answers: the same for events that come twice or in any order, and held against a plain search."""

import random
from io import BytesIO

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import FalajError
from workloads.lib.lineage import subject
from workloads.lib.lineage.event import event
from workloads.lib.lineage.node import Node, Subjects
from workloads.lib.lineage.query import Graph
from workloads.lib.object_store import ObjectStore, digest


def node(name: str, version: int = 0, kind: str = "data", **more) -> Node:
    return Node(kind, name, digest(f"{name}{version}".encode()), **more)  # type: ignore[arg-type]


def told(step: str, reads: list[Node], makes: list[Node], key: str = "k", *, state: str = "COMPLETE", **more):
    about = {"stack": "local", "workload": "w", "step": step, "key": digest(key.encode())}
    begun = event("START", **about, reads=reads, **more)
    return [begun] if state == "START" else [begun, event(state, **about, reads=reads, makes=makes, **more)]  # type: ignore[arg-type]


def story(table: Node) -> list[dict]:
    """A table, features, a model, its endpoint; then a second model from other features at the same endpoint."""
    features, other = node("w/features"), node("w/features", 1)
    model, second = node("w", kind="model"), node("w", 1, kind="model")
    return [
        *told("features", [table], [features]),
        *told("train", [features], [model]),
        *told("serve", [model], [Node("endpoint", "w/predict", model.digest)], again="1"),
        *told("features", [node("w/table", 9)], [other], "k2"),
        *told("train", [other], [second], "k2"),
        *told("serve", [second], [Node("endpoint", "w/predict", second.digest)], "k2", again="2"),
        *told("train", [features], [], "k3", state="START"),
        *told("train", [features], [], "k4", state="FAIL", error="NaN"),
    ]


TABLE = node("w/table")


def names(graph: Graph) -> set[str]:
    return {thing.id for thing in graph.things.values()}


def test_upstream_and_downstream():
    graph = Graph.of(story(TABLE))
    model = graph.find("w@" + digest(b"w0"))
    back = graph.upstream(model.id)
    assert names(back) == {model.id, f"w/features@{digest(b'w/features0')}", f"w/table@{TABLE.digest}"}
    ahead = graph.downstream(f"w/table@{TABLE.digest}")
    assert {thing.id for thing in ahead.of_kind("model", "endpoint")} == {model.id, f"w/predict@{model.digest}"}
    assert sorted(run.told for run in ahead.runs.values()) == ["complete"] * 3 + ["failed", "incomplete"]


def test_an_endpoint_is_at_the_model_served_last():
    graph = Graph.of(story(TABLE))
    assert {thing.digest: thing.current for thing in graph.of_kind("endpoint")} == {
        digest(b"w0"): False,
        digest(b"w1"): True,
    }
    assert graph.find("w/predict").digest == digest(b"w1")


def test_a_node_is_found_by_part_of_its_digest_and_told_when_it_is_not_one():
    graph = Graph.of(story(TABLE))
    model = digest(b"w0")
    assert graph.find(model).kind == graph.find(model[:20]).kind == graph.find("w@" + model[:20]).kind == "model"
    assert graph.find(f"w/predict@{model}").kind == "endpoint"
    for wrong in ("w/features", "w", "nothing", "", "sha256:", "w@sha256:ffff"):
        with pytest.raises(FalajError, match="LIN-003"):
            graph.find(wrong)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), twice=st.floats(0, 1))
def test_order_and_doubles_change_nothing(seed: int, twice: float):
    events = story(TABLE)
    draw = random.Random(seed)
    mixed = events + [one for one in events if draw.random() < twice]
    draw.shuffle(mixed)
    one, two = Graph.of(events), Graph.of(mixed)
    assert names(one) == names(two)
    assert {thing.id: thing.current for thing in one.things.values()} == {
        thing.id: thing.current for thing in two.things.values()
    }
    assert {run.id: (run.told, set(run.inputs), set(run.outputs), run.facets) for run in one.runs.values()} == {
        run.id: (run.told, set(run.inputs), set(run.outputs), run.facets) for run in two.runs.values()
    }


@settings(max_examples=60, deadline=None)
@given(
    runs=st.lists(st.tuples(st.sets(st.integers(0, 7), max_size=3), st.sets(st.integers(0, 7), max_size=3)), max_size=8)
)
def test_reach_is_what_a_plain_search_finds(runs: list[tuple[set[int], set[int]]]):
    """Circles too: whatever the events say, an answer comes, and it is the transitive closure."""
    events = [
        one
        for number, (reads, makes) in enumerate(runs)
        for one in told(f"s{number}", [node(f"n{i}") for i in reads], [node(f"n{i}") for i in makes])
    ]
    graph = Graph.of(events)
    for start in {i for reads, makes in runs for i in reads | makes}:
        reach, before = {start}, set()
        while reach != before:
            before = set(reach)
            reach |= {i for reads, makes in runs if reads & before for i in makes}
        here = f"n{start}@{node(f'n{start}').digest}"
        assert names(graph.downstream(here)) == {f"n{i}@{node(f'n{i}').digest}" for i in reach}
        for i in reach:
            assert here in names(graph.upstream(f"n{i}@{node(f'n{i}').digest}"))


@pytest.mark.parametrize("kind", ["int64", "str"])
def test_a_persons_rows_reach_models_and_endpoints(store: ObjectStore, kind: str):
    frame = pd.DataFrame({"id": [1, 2, 2, 3], "x": range(4)}).astype({"id": kind})
    out = BytesIO()
    frame.to_parquet(out)
    place = {"finder": "parquet", "column": "id"}
    store.put("tables/a", out.getvalue())
    table = Node("data", "w/table", digest(out.getvalue()), Subjects(place=("tables/a"), **place))
    gone = Node("data", "w/gone", digest(b"gone"), Subjects(place="tables/gone", **place))
    strange = Node("data", "w/strange", digest(b"strange"), Subjects("unheard-of", "x", "id"))
    graph = Graph.of(story(table) + told("other", [gone, strange], [node("w/elsewhere")]))

    found = subject.find(store, graph, "2").as_dict()
    assert found["rows"] == {f"w/table@{table.digest}": 2}
    assert found["models"] == [f"w@{digest(b'w0')}"]
    assert found["pointing"] == [{"id": f"w/predict@{digest(b'w0')}", "kind": "endpoint", "current": False}]
    assert set(found["unknown"]) == {f"w/gone@{gone.digest}", f"w/strange@{strange.digest}"}
    assert "STO-005" in found["unknown"][f"w/gone@{gone.digest}"]

    nobody = subject.find(store, graph, "4").as_dict()
    assert nobody["rows"] == {}
    assert nobody["models"] == nobody["pointing"] == nobody["nodes"] == []
