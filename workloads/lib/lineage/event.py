"""OpenLineage run events, made with the project's own classes, with facets of ours (`schema.json` describes them).

Takes half a second to import: only who has an event to write does.
"""

import json
import os
import platform as machine
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

import attr
from openlineage.client.event_v2 import InputDataset as Input
from openlineage.client.event_v2 import Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.generated.base import DatasetFacet, RunFacet
from openlineage.client.generated.dataset_version_dataset import DatasetVersionDatasetFacet
from openlineage.client.generated.error_message_run import ErrorMessageRunFacet
from openlineage.client.generated.parent_run import Job as ParentJob
from openlineage.client.generated.parent_run import ParentRunFacet
from openlineage.client.generated.parent_run import Run as ParentRun
from openlineage.client.serde import Serde

from workloads.lib.lineage.node import Node

PRODUCER = "https://falaj.ae/lineage/1"
State = Literal["START", "COMPLETE", "FAIL"]


@attr.define
class NodeDatasetFacet(DatasetFacet):
    """What it is, and the SHA-256 of its bytes."""

    kind: str
    digest: str

    @staticmethod
    def _get_schema() -> str:
        return f"{PRODUCER}/schema.json#/$defs/NodeDatasetFacet"


@attr.define
class SubjectsDatasetFacet(DatasetFacet):
    """Where the rows of a person can be looked up; no person is named."""

    finder: str
    place: str
    column: str

    @staticmethod
    def _get_schema() -> str:
        return f"{PRODUCER}/schema.json#/$defs/SubjectsDatasetFacet"


@attr.define
class ConsentDatasetFacet(DatasetFacet):
    """The consent snapshot that chose its rows."""

    digest: str
    purpose: str
    at: str
    subjects_granted: int

    @staticmethod
    def _get_schema() -> str:
        return f"{PRODUCER}/schema.json#/$defs/ConsentDatasetFacet"


@attr.define
class VerdictRunFacet(RunFacet):
    """What the gate said."""

    decision: str
    verdict: str

    @staticmethod
    def _get_schema() -> str:
        return f"{PRODUCER}/schema.json#/$defs/VerdictRunFacet"


@attr.define
class HardwareRunFacet(RunFacet):
    """What it ran on. The machine's name is not said."""

    machine: str
    cpus: int
    accelerators: list[str]

    @staticmethod
    def _get_schema() -> str:
        return f"{PRODUCER}/schema.json#/$defs/HardwareRunFacet"


@attr.define
class KeyRunFacet(RunFacet):
    """The workload's key of the run: what code, packages, spec and data it is of."""

    key: str

    @staticmethod
    def _get_schema() -> str:
        return f"{PRODUCER}/schema.json#/$defs/KeyRunFacet"


def run_id(stack: str, workload: str, step: str, key: str, again: str = "") -> str:
    """The same step of the same run has the same id, so an attempt that was killed is completed by the next."""
    return str(uuid5(NAMESPACE_URL, f"{PRODUCER}/{stack}/{workload}/{step}/{key}/{again}"))


def event(
    state: State,
    *,
    stack: str,
    workload: str,
    step: str,
    key: str,
    again: str = "",
    reads: Iterable[Node] = (),
    makes: Iterable[Node] = (),
    verdict: Mapping[str, str] | None = None,
    accelerators: Iterable[str] = (),
    error: str = "",
    at: datetime | None = None,
) -> dict[str, Any]:
    """One event as JSON. `again` tells deployments of one run apart; `verdict`: {decision, verdict}; `error`: why."""
    namespace = f"falaj://{stack}"
    parent = ParentRunFacet(
        run=ParentRun(runId=run_id(stack, workload, "", key)), job=ParentJob(namespace=namespace, name=workload)
    )
    facets: dict[str, RunFacet] = {
        "parent": parent,
        "falaj_key": KeyRunFacet(key),
        "falaj_hardware": HardwareRunFacet(machine.machine(), os.cpu_count() or 1, list(accelerators)),
    }
    if verdict:
        facets["falaj_verdict"] = VerdictRunFacet(verdict["decision"], verdict["verdict"])
    if error:
        facets["errorMessage"] = ErrorMessageRunFacet(message=error, programmingLanguage="PYTHON")
    made = RunEvent(
        eventType=RunState[state],
        eventTime=(at or datetime.now(UTC)).isoformat(timespec="milliseconds"),
        run=Run(run_id(stack, workload, step, key, again), facets),
        job=Job(namespace, f"{workload}.{step}"),
        inputs=[Input(namespace, node.name, facets=_facets(node)) for node in reads],
        outputs=[OutputDataset(namespace, node.name, facets=_facets(node)) for node in makes],
        producer=PRODUCER,
    )
    return json.loads(Serde.to_json(_ours(made)))


def _facets(node: Node) -> dict[str, DatasetFacet]:
    facets: dict[str, DatasetFacet] = {
        "version": DatasetVersionDatasetFacet(node.digest),
        "falaj_node": NodeDatasetFacet(node.kind, node.digest),
    }
    if node.subjects:
        facets["falaj_subjects"] = SubjectsDatasetFacet(node.subjects.finder, node.subjects.place, node.subjects.column)
    if node.consent:
        facets["falaj_consent"] = ConsentDatasetFacet(**node.consent)
    return facets


def _ours(made: RunEvent) -> dict[str, Any]:
    """The event with every facet's producer named: the library's default is its own."""

    def named(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: PRODUCER if key == "_producer" else named(one) for key, one in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return [named(one) for one in value] if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType]

    return named(Serde.to_dict(made))
