"""Waivers: signed, narrow, short-lived exemptions from a rule, each for inputs that somebody looked at.

A waiver is a YAML file in policies/waivers (`$FALAJ_WAIVERS`). What makes one good is judged by rules (WVR-001 to
WVR-005, RES-012) on facts from here; its prose stays in the file and reaches no question, record or report.
"""

import fnmatch
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from infra import yaml_text
from infra.errors import FalajError
from policies.gate import sign
from policies.gate.bundle import Rule
from policies.gate.document import Document, digest, settled
from policies.gate.redact import LITERAL, redact

WHOLE = ("stack", "plan", "review", "tenant")
"""Gates that ask about a whole stack: only there a waiver can be seen to be of no use."""
UNUSED = "WVR-005"
_JUDGES = ("WVR-", "RES-012")
"""The rules that judge waivers; one that does not stand before them lifts nothing."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Transfer(_Model):
    """Why data may leave: the legal basis and where it is written."""

    basis: str = Field(min_length=3, max_length=200)
    reference: str = Field(min_length=3, max_length=200)


class Waiver(_Model):
    """One waiver, as it is written."""

    id: str = Field(pattern=r"^WAIVER-[A-Za-z0-9-]{3,40}$")
    policy: str = Field(pattern=r"^[A-Z][A-Z0-9]{2}-\d{3}$")
    urn: str = Field(min_length=1, max_length=1000)
    """The resource's URN; `*` in its name only. `stack` for a rule about the whole stack."""
    stack: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")
    reason: str = Field(max_length=2000)
    ticket: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/#-]{1,60}$")
    risk_owner: str = Field(pattern=r"^\S+@\S+$")
    requested_by: str = Field(pattern=r"^\S+@\S+$")
    not_before: sign.Moment
    expires: sign.Moment
    compensating_control: str = Field(max_length=2000)
    inputs: list[str] = Field(min_length=1, max_length=100)
    """Digests of the inputs that were looked at: `falaj gate report` prints them beside a finding."""
    transfer: Transfer | None = None
    signatures: list[sign.Signature] = []

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.expires <= self.not_before:
            raise ValueError("expires is not after not_before")
        return self

    def statement(self) -> dict[str, Any]:
        """What is signed: everything but the signatures."""
        return self.model_dump(mode="json", exclude={"signatures"})


@dataclass(frozen=True)
class Signed:
    """A waiver whose signatures hold."""

    waiver: Waiver
    by: tuple[sign.Signer, ...]

    def facts(self, rules: Mapping[str, Rule], unwaivable: set[str]) -> dict[str, Any]:
        """What rules may know of it."""
        waiver, rule = self.waiver, rules.get(self.waiver.policy)
        return {
            **waiver.model_dump(
                mode="json", include={"id", "policy", "urn", "stack", "ticket", "risk_owner", "requested_by", "inputs"}
            ),
            "not_before": _utc(waiver.not_before),
            "expires": _utc(waiver.expires),
            "reason": bool(waiver.reason.strip()),
            "compensating_control": bool(waiver.compensating_control.strip()),
            "transfer": waiver.transfer is not None,
            "severity": rule.severity if rule else None,
            "waivable": bool(rule and rule.waivable and rule.id not in unwaivable),
            "signed_by": [{"by": signer.id, "roles": signer.roles} for signer in self.by],
        }

    @property
    def digest(self) -> str:
        """`sha256:…` of all of it."""
        return digest(self.waiver.model_dump(mode="json"))


def folder() -> Path:
    """Where waivers and signers are kept: `$FALAJ_WAIVERS`, or policies/waivers."""
    return Path(os.environ.get("FALAJ_WAIVERS") or Path(__file__).resolve().parents[1] / "waivers")


def load(stack: str) -> list[Signed]:
    """The waivers of a stack. Raises GATE-020 for a file that is none, GATE-021 for a signature that does not hold."""
    known = sign.signers(folder())
    read = [(file, _read(file)) for file in sorted(folder().glob("*.yaml")) if file.name != "signers.yaml"]
    if len({waiver.id for _, waiver in read}) != len(read):
        raise FalajError("GATE-020", "policies/waivers", "two waivers have the same id")
    return [_signed(file, waiver, known) for file, waiver in read if waiver.stack == stack]


def add_signature(file: Path, by: str, key: Path) -> Waiver:
    """Sign a waiver's file, at its end. Raises GATE-020 for one that is none, GATE-021 for a wrong key."""
    waiver = _read(file)
    made = sign.sign("waiver", waiver.statement(), by, key)
    sign.verify("waiver", waiver.statement(), made, sign.signers(folder()), file.name)
    kept = [item for item in waiver.signatures if item.by != by]
    text = file.read_text()
    head = text.partition("\nsignatures:")[0].rstrip("\n")
    listed = [item.model_dump(mode="json") for item in [*kept, made]]
    file.write_text(f"{head}\n{yaml.safe_dump({'signatures': listed}, sort_keys=False)}")
    return _read(file)


def standing(waivers: Iterable[Signed], denied: set[str]) -> list[Signed]:
    """Those that no rule about waivers denies; `denied` are the subjects (`waiver:ID`) that some do."""
    return [item for item in waivers if f"waiver:{item.waiver.id}" not in denied]


def judges(policy: str) -> bool:
    """Whether a rule is about waivers."""
    return policy.startswith(_JUDGES)


def lifting(waivers: Iterable[Signed], policy: str, urn: str, inputs: str) -> str | None:
    """The id of the waiver that lifts this finding: same rule, a URN that fits, inputs that were looked at."""
    return next(
        (
            item.waiver.id
            for item in waivers
            if item.waiver.policy == policy and fits(item.waiver.urn, urn) and inputs in item.waiver.inputs
        ),
        None,
    )


def fits(pattern: str, urn: str) -> bool:
    """Whether a URN fits a pattern, in which only `*` is special."""
    return fnmatch.fnmatchcase(urn, pattern.replace("[", "[[]").replace("?", "[?]"))


def inputs_digest(question: Document, subject: str) -> str:
    """`sha256:…` of what a waiver of a finding about this subject would be for."""
    if resource := question.resources.get(subject):
        return digest({"type": resource.type, "inputs": settled(resource.inputs, resource.name)})
    if subject == "release":
        return digest(question.release)
    return digest({"stack": question.stack.model_dump(exclude={"dry_run", "author"}), "params": question.params})


def _read(file: Path) -> Waiver:
    try:
        text: Any = yaml_text.read(file)
        waiver = Waiver.model_validate(text)
    except (OSError, yaml_text.Unreadable) as error:
        raise FalajError("GATE-020", file.name, f"it cannot be read: {error}") from error
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
        key = ".".join(map(str, problem["loc"])) or "it"
        said = "it is not a key of a waiver" if problem["type"] == "extra_forbidden" else problem["msg"]
        raise FalajError("GATE-020", file.name, f"`{key}`: {said}") from error
    if LITERAL in redact([waiver.reason, waiver.compensating_control]):
        raise FalajError(
            "GATE-020", file.name, "its prose holds what looks like a credential", "Take it out and revoke it."
        )
    return waiver


def _signed(file: Path, waiver: Waiver, known: Mapping[str, sign.Signer]) -> Signed:
    statement = waiver.statement()
    by = tuple(sign.verify("waiver", statement, item, known, file.name) for item in waiver.signatures)
    return Signed(waiver, by)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
