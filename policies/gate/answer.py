"""What `data.falaj.gate.decision` must look like (policies/rego/lib/gate.rego)."""

from pydantic import BaseModel, ConfigDict

from policies.gate.decision import Result


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Verdict(_Model):
    """One rule about one subject that it did not pass."""

    result: Result
    message: str


class Judged(_Model):
    """One rule: how many subjects it judged, and the verdicts that are no pass."""

    judged: int
    open: dict[str, Verdict]


class Answer(_Model):
    """All rules, and those that should have answered and did not."""

    rules: dict[str, Judged]
    errored: list[str]
