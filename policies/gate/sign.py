"""Signatures of people: who may approve, with which key, and what they signed.

Keys are Ed25519 in OpenSSH's own format, so `ssh-keygen -t ed25519` makes one and the public half is what people have
in their forges already. A signature covers the kind of the statement, the statement, the signer and the time.
"""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key, load_ssh_public_key
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from infra import yaml_text
from infra.errors import FalajError

Kind = Literal["waiver", "approval", "evidence"]
Moment = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]
"""One that has a day in every time zone."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Signer(_Model):
    """Somebody whose signature counts, by the address their commits carry."""

    id: str = Field(min_length=3, pattern=r"^\S+@\S+$")
    roles: list[str] = Field(min_length=1)
    key: str = Field(pattern=r"^ssh-ed25519 \S+")


class Signers(_Model):
    """`signers.yaml`: everybody whose signature counts."""

    signers: list[Signer] = []


class Signature(_Model):
    """One signature, base64."""

    by: str
    at: Moment
    signature: str


def signers(folder: Path) -> dict[str, Signer]:
    """Those who may sign, by id. Raises GATE-020 for a file of another shape, or one key or name listed twice."""
    file = folder / "signers.yaml"
    if not file.exists():
        return {}
    try:
        listed = Signers.model_validate(yaml_text.read(file) or {}).signers
        keys = [_public(signer).public_bytes_raw() for signer in listed]
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise FalajError("GATE-020", file.name, f"it is no list of signers: {type(error).__name__}") from error
    if len(set(keys)) != len(keys) or len({signer.id for signer in listed}) != len(listed):
        raise FalajError("GATE-020", file.name, "a signer or a key stands there twice")
    return {signer.id: signer for signer in listed}


def sign(kind: Kind, statement: Mapping[str, Any], by: str, key: Path, passphrase: bytes | None = None) -> Signature:
    """Sign with the private key in a file. Raises GATE-021 when it cannot be read."""
    try:
        private = load_ssh_private_key(key.read_bytes(), passphrase)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise FalajError(
            "GATE-021", str(key), f"it is no private key that can be read: {type(error).__name__}"
        ) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise FalajError("GATE-021", str(key), "it is no Ed25519 key", "Make one with `ssh-keygen -t ed25519`.")
    at = datetime.now(UTC).replace(microsecond=0)
    made = private.sign(_message(kind, statement, by, at))
    return Signature(by=by, at=at, signature=base64.b64encode(made).decode())


def verify(
    kind: Kind, statement: Mapping[str, Any], signature: Signature, known: Mapping[str, Signer], place: str
) -> Signer:
    """The signer, when the signature holds. Raises GATE-021 for somebody unknown and for what was changed since."""
    signer = known.get(signature.by)
    if signer is None:
        raise FalajError("GATE-021", place, f"{signature.by} is not in signers.yaml")
    try:
        raw = base64.b64decode(signature.signature, validate=True)
        if base64.b64encode(raw).decode() != signature.signature:
            raise ValueError("another spelling of the same bytes")
        _public(signer).verify(raw, _message(kind, statement, signature.by, signature.at))
    except (InvalidSignature, ValueError) as error:
        raise FalajError("GATE-021", place, f"the signature of {signature.by} does not fit what is written") from error
    return signer


def _public(signer: Signer) -> Ed25519PublicKey:
    key = load_ssh_public_key(signer.key.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not Ed25519")
    return key


def _message(kind: Kind, statement: Mapping[str, Any], by: str, at: datetime) -> bytes:
    body = {"kind": f"falaj-{kind}-v1", "statement": dict(statement), "by": by, "at": at.astimezone(UTC).isoformat()}
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
