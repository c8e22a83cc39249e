"""Approvals: somebody looked at what a plan would do, or at a model, and signed its digest."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeGuard

from pydantic import BaseModel, ConfigDict, Field

from infra.errors import FalajError
from policies.gate import sign, waivers

HOURS = 24
DIGEST = r"^sha256:[0-9a-f]{64}$"


class Approval(BaseModel):
    """One person's approval of one plan, or of one model's release."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: str = Field(pattern=DIGEST)
    """The plan's digest, or the model's."""
    stack: str
    expires: sign.Moment
    signature: sign.Signature | None = None

    def statement(self) -> dict[str, Any]:
        """What is signed."""
        return self.model_dump(mode="json", exclude={"signature"})


def give(folder: Path, plan: str, stack: str, by: str, key: Path, passphrase: bytes | None = None) -> Path:
    """Sign a plan's or model's digest for the next `HOURS` hours. Raises GATE-021 when the key is not the signer's."""
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=HOURS)
    made = Approval(plan=plan, stack=stack, expires=expires)
    signature = sign.sign("approval", made.statement(), by, key, passphrase)
    sign.verify("approval", made.statement(), signature, sign.signers(waivers.folder()), "approval")
    file = _folder(folder, plan) / f"{by}.json"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_text(made.model_copy(update={"signature": signature}).model_dump_json(indent=1))
    return file


def is_digest(value: Any) -> TypeGuard[str]:
    """Whether it is a digest that somebody can have approved."""
    return isinstance(value, str) and re.fullmatch(DIGEST, value) is not None


def facts(folder: Path, plan: str) -> list[dict[str, Any]]:
    """What rules may know of the approvals of a plan or model. Raises GATE-020 or GATE-021 for one that is none."""
    known = sign.signers(waivers.folder())
    return [_fact(file, known) for file in sorted(_folder(folder, plan).glob("*.json"))]


def _fact(file: Path, known: dict[str, sign.Signer]) -> dict[str, Any]:
    try:
        approval = Approval.model_validate(json.loads(file.read_bytes()))
    except (OSError, ValueError, RecursionError) as error:
        raise FalajError("GATE-020", file.name, f"it is no approval: {type(error).__name__}") from error
    if approval.signature is None:
        raise FalajError("GATE-021", file.name, "it is not signed")
    signer = sign.verify("approval", approval.statement(), approval.signature, known, file.name)
    return {
        "plan": approval.plan,
        "stack": approval.stack,
        "by": signer.id,
        "roles": signer.roles,
        "at": approval.signature.at.astimezone(UTC).isoformat(),
        "expires": approval.expires.astimezone(UTC).isoformat(),
    }


def _folder(folder: Path, plan: str) -> Path:
    return folder / "approvals" / plan.removeprefix("sha256:")[:32]
