"""What lineage is about: tables, features, models, aliases, endpoints, each in one version. Imports nothing heavy."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from workloads.lib.object_store import digest
from workloads.lib.workspace import Workspace

Kind = Literal["source", "data", "features", "weights", "evidence", "model", "alias", "endpoint"]


@dataclass(frozen=True)
class Subjects:
    """Where the rows of a person can be looked up: a finder of `subject.FINDERS`, its place, and the column of ids."""

    finder: str
    place: str
    column: str


@dataclass(frozen=True)
class Node:
    """One version of what a step reads or makes. Of an alias or endpoint, `digest` is that of the model it is at."""

    kind: Kind
    name: str
    digest: str = ""
    subjects: Subjects | None = None
    consent: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """{digest, purpose, at, subjects_granted} of the consent snapshot that chose its rows."""
    sealed: tuple[Workspace, str] | None = field(default=None, compare=False, repr=False)

    def known(self) -> "Node":
        """With the digest of its bytes, read from the workspace when it is not stated."""
        if self.digest or not self.sealed:
            return self
        work, name = self.sealed
        return replace(self, digest=digest(work.get(name)))


def in_lake(workload: str, table: str, snapshot: int | str, digest: str, subject: str | None) -> Node:
    """A version of a table of the lake. subject: its column of the ids of persons, if it has one."""
    subjects = Subjects("lake", f"{table}@{snapshot}", subject) if subject else None
    return Node("data", f"{workload}/{table}", digest, subjects)


def sealed(kind: Kind, workload: str, work: Workspace, *names: str, subjects: str = "") -> list[Node]:
    """Objects of a workspace; with `subjects`, Parquet tables whose column of that name has the ids of persons."""
    return [
        Node(
            kind,
            f"{workload}/{name}",
            subjects=Subjects("parquet", f"{work.prefix}/{name}", subjects) if subjects else None,
            sealed=(work, name),
        )
        for name in names
    ]
