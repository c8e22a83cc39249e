"""The graph that the events tell, and questions to it: what something was made from, and what was made from it.

Events may come twice and in any order: a run's inputs and outputs add up, and its state is the furthest one told.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.errors import FalajError

STATES = ("START", "FAIL", "COMPLETE")
"""Each outweighs those before it: a step that failed and then went through is complete."""
POINTING = frozenset({"alias", "endpoint"})


@dataclass
class Thing:
    """A node of the graph: one version of a table, features, a model, an alias, an endpoint."""

    id: str
    kind: str
    name: str
    digest: str
    facets: dict[str, Any] = field(default_factory=dict[str, Any])
    current: bool = True
    """False of an alias or endpoint that went on to another model."""


@dataclass
class Run:
    """One step of one run of a workload."""

    id: str
    job: str
    state: str = ""
    began: str = ""
    ended: str = ""
    facets: dict[str, Any] = field(default_factory=dict[str, Any])
    inputs: dict[str, None] = field(default_factory=dict[str, None])
    outputs: dict[str, None] = field(default_factory=dict[str, None])

    @property
    def told(self) -> str:
        """Its state in a word."""
        return {"COMPLETE": "complete", "FAIL": "failed"}.get(self.state, "incomplete")


@dataclass
class Graph:
    """Things by id, `name@digest`, and runs by id."""

    things: dict[str, Thing] = field(default_factory=dict[str, Thing])
    runs: dict[str, Run] = field(default_factory=dict[str, Run])

    @classmethod
    def of(cls, events: Iterable[Mapping[str, Any]]) -> "Graph":
        """The graph of some events."""
        graph = cls()
        for event in events:
            graph._take(event)
        graph._settle()
        return graph

    def find(self, text: str) -> Thing:
        """The thing meant: `name@digest`, a name, or a digest, each cut short as it likes. LIN-003 if not just one.

        Of several versions that are pointed at through one name, the current one is meant.
        """
        name, _, digest = text.rpartition("@") if "@" in text else ("", "", text)
        digest = digest.removeprefix("sha256:")
        exact = [thing for thing in self.things.values() if text in (thing.id, thing.name)]
        found = exact or [
            thing
            for thing in self.things.values()
            if name in ("", thing.name) and digest and thing.digest.removeprefix("sha256:").startswith(digest)
        ]
        if len(found) > 1:
            models = [thing for thing in found if thing.kind == "model"]  # an alias has its model's digest, too
            now = [thing for thing in found if thing.kind in POINTING and thing.current]
            found = models if len(models) == 1 and not exact else now if exact and now else found
        if len(found) != 1:
            listed = ", ".join(sorted(thing.id[:60] for thing in found)[:6]) or "nothing"
            raise FalajError("LIN-003", text[:100], f"it names {listed}")
        return found[0]

    def upstream(self, *ids: str) -> "Graph":
        """All that these were made from, and the runs in between; themselves, too."""
        return self._reached(ids, back=True)

    def downstream(self, *ids: str) -> "Graph":
        """All that was made from these, and the runs in between; themselves, too. Incomplete runs are among them."""
        return self._reached(ids, back=False)

    def of_kind(self, *kinds: str) -> list[Thing]:
        """Its things of these kinds, by name."""
        return sorted((thing for thing in self.things.values() if thing.kind in kinds), key=lambda one: one.id)

    def as_dict(self) -> dict[str, Any]:
        """As JSON: {nodes, runs}; a run's inputs and outputs are ids of nodes."""
        return {
            "nodes": [vars(thing) for thing in self.things.values()],
            "runs": [vars(run) | {"inputs": [*run.inputs], "outputs": [*run.outputs]} for run in self.runs.values()],
        }

    def _take(self, event: Mapping[str, Any]) -> None:
        run = self.runs.setdefault(event["run"]["runId"], Run(event["run"]["runId"], event["job"]["name"]))
        state, at = str(event.get("eventType", "")), str(event["eventTime"])
        if state in STATES and (not run.state or STATES.index(state) >= STATES.index(run.state)):
            run.facets |= event["run"].get("facets", {})
            run.state = state
        if state == "START":
            run.began = min(run.began or at, at)
        else:
            run.ended = max(run.ended, at)
        run.inputs |= dict.fromkeys(self._thing(one) for one in event.get("inputs", []))
        run.outputs |= dict.fromkeys(self._thing(one) for one in event.get("outputs", []))

    def _thing(self, dataset: Mapping[str, Any]) -> str:
        facets = {name: facet for name, facet in dataset.get("facets", {}).items() if name != "falaj_node"}
        about = dataset.get("facets", {}).get("falaj_node", {})
        digest = about.get("digest", "") or facets.get("version", {}).get("datasetVersion", "")
        thing = Thing(f"{dataset['name']}@{digest}", about.get("kind", "data"), dataset["name"], digest)
        self.things.setdefault(thing.id, thing).facets.update(facets)
        return thing.id

    def _settle(self) -> None:
        """An alias or endpoint is at what the latest complete run made of it."""
        latest: dict[str, tuple[str, str]] = {}
        for run in self.runs.values():
            for output in run.outputs if run.state == "COMPLETE" else ():
                name = self.things[output].name
                latest[name] = max(latest.get(name, ("", "")), (run.ended, output))
        for thing in self.things.values():
            if thing.kind in POINTING:
                thing.current = latest.get(thing.name, ("", ""))[1] == thing.id

    def _reached(self, ids: Iterable[str], *, back: bool) -> "Graph":
        leads: dict[str, list[Run]] = {}
        for run in self.runs.values():
            for one in run.outputs if back else run.inputs:
                leads.setdefault(one, []).append(run)
        seen, waiting, runs = dict.fromkeys(ids), deque(ids), dict[str, Run]()
        while waiting:
            for run in leads.get(waiting.popleft(), ()):
                runs[run.id] = run
                new = [one for one in (run.inputs if back else run.outputs) if one not in seen]
                seen |= dict.fromkeys(new)
                waiting.extend(new)
        return Graph({one: self.things[one] for one in self.things if one in seen}, runs)
