"""What incidents, reactions and messages need of an alarm. `alarm.Alarm` is one, and so is what a person saw."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, get_args

Kind = Literal["data", "prediction", "concept", "performance", "serving"]
"""What is alarming: columns, answers, their relation, a figure of quality (true or estimated), or the endpoint."""
KINDS: tuple[Kind, ...] = get_args(Kind)
State = Literal["ok", "pending", "firing", "resolved"]


class Raised(Protocol):
    """An alarm as it stands."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> Kind: ...
    @property
    def state(self) -> State: ...
    @property
    def since(self) -> datetime:
        """When the state began; it has a time zone."""
        ...

    @property
    def id(self) -> str:
        """The same for every window of one time that it fires, and for its end."""
        ...

    @property
    def detail(self) -> Mapping[str, Any]: ...
    @property
    def model(self) -> str:
        """Digest of the model that is watched."""
        ...


@dataclass(frozen=True)
class Report:
    """What a person saw, as an alarm that fires."""

    name: str
    kind: Kind
    model: str
    since: datetime
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])
    state: State = "firing"

    @property
    def id(self) -> str:
        """As of an alarm."""
        return f"{self.name}@{self.since.isoformat()}"
