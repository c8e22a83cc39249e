"""Record the steps of a workload's run, in the place of its `Progress`: a step says what it reads and what it makes.

    with recorder.step("train") as step:
        step.reads(*sealed("features", NAME, work, "train"))
        step.makes(*sealed("model", NAME, work, "weights"))
        ...

Both may be said before the step knows whether it has anything to do: digests are read only for an event, and a step of
this run that is on record already writes none. Event classes are imported with the first event.
"""

import secrets
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from infra.errors import FalajError
from workloads.lib.lineage import log
from workloads.lib.lineage.node import Node
from workloads.lib.object_store import ObjectStore
from workloads.lib.progress import Progress, Step

State = Literal["START", "COMPLETE", "FAIL"]


class Recorded:
    """A step that is on record. `say`, `done` and `skip` are those of the step."""

    def __init__(self, step: Step, recorder: "Recorder", again: str) -> None:
        self.say, self.done, self.skip = step.say, step.done, step.skip
        self.name, self.again = step.name, again
        self.inputs: list[Node] = []
        self.outputs: list[Node] = []
        self.verdict: dict[str, str] | None = None
        self.started = False
        self._recorder = recorder

    def reads(self, *nodes: Node) -> None:
        """What the step is made from. The first call opens its record."""
        if self._recorder.on_record(self):
            return
        self.inputs += [node.known() for node in nodes]
        if not self.started:
            self._recorder.write("START", self)
            self.started = True

    def makes(self, *nodes: Node) -> None:
        """What the step makes."""
        self.outputs += nodes

    def judged(self, decision: str, verdict: str = "allow") -> None:
        """What the gate said in this step."""
        self.verdict = {"decision": decision, "verdict": verdict}


@dataclass
class Recorder:
    """Reports to `progress`, and records in the store's lineage."""

    progress: Progress
    store: ObjectStore
    stack: str
    workload: str
    run: str
    """The run's key."""
    collector: str | None = None
    """URL that events are sent on to."""
    accelerators: list[str] = field(default_factory=list[str])

    @contextmanager
    def step(self, name: str, *, again: bool = False) -> Generator[Recorded]:
        """Report and record one step. `again`: it is another one each time it is recorded, as a deployment is."""
        with self.progress.step(name) as step:
            recorded = Recorded(step, self, secrets.token_hex(16) if again else "")
            try:
                yield recorded
            except BaseException as error:
                if recorded.started:
                    if isinstance(error, FalajError) and error.code.startswith("GATE-"):
                        recorded.judged("", "deny")
                    told = str(error) if isinstance(error, FalajError) else type(error).__name__
                    with suppress(FalajError):  # the step's own error is the one to be told
                        self.write("FAIL", recorded, told)
                raise
            if recorded.started:
                recorded.outputs = [node.known() for node in recorded.outputs]
                self.write("COMPLETE", recorded)
                self.store.put_if_absent(self._marker(recorded), b"")

    def event(self, kind: str, **fields: Any) -> None:
        """As of `Progress`."""
        self.progress.event(kind, **fields)

    def on_record(self, step: Recorded) -> bool:
        """Whether the step of this run is complete in the lineage."""
        return self.store.exists(self._marker(step))

    def write(self, state: State, step: Recorded, error: str = "") -> None:
        """Add an event."""
        from workloads.lib.lineage import event as events

        made = events.event(
            state,
            stack=self.stack,
            workload=self.workload,
            step=step.name,
            key=self.run,
            again=step.again,
            reads=step.inputs,
            makes=step.outputs if state == "COMPLETE" else [],
            verdict=step.verdict,
            accelerators=self.accelerators,
            error=error,
        )
        log.append(self.store, made)

    def deliver(self) -> int:
        """Send the collector, if there is one, the events it has not got; how many. LIN-002 when it takes none."""
        return log.deliver(self.store, self.collector) if self.collector else 0

    def _marker(self, step: Recorded) -> str:
        return f"recorded/{self.workload}/{step.name}/{self.run.removeprefix('sha256:')[:32]}{step.again}"
