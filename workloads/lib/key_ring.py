"""The key ring: versioned key-encryption keys in one file, sealed under a passphrase.

It is to the local target what a KMS key is to a cloud: it wraps the data key of every stored object, `rotate` adds a
version, and older versions stay so that what they wrapped can still be read.
"""

import base64
import fcntl
import hashlib
import json
import os
import re
import secrets
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from infra.errors import FalajError
from workloads.lib import durable

FORMAT = "falaj-key-ring/1"
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
WRAPPED_BYTES = 4 + NONCE_BYTES + KEY_BYTES + TAG_BYTES
"""Length of what `wrap` returns for a 256-bit data key: key version, nonce, ciphertext, tag."""
_ID = re.compile("[0-9a-f]{32}")
SCRYPT = {"n": 2**15, "r": 8, "p": 1}


class Unwrappable(Exception):  # noqa: N818 - a verdict on bytes, turned into a FalajError by who knows their name
    """The wrapped key is not what this ring wrapped for this context."""


@dataclass
class KeyRing:
    """An open key ring. Make one with `create` or `open`."""

    path: Path
    id: str
    _salt: bytes = field(repr=False)
    _master: bytes = field(repr=False)
    _keys: list[bytes] = field(repr=False)

    @classmethod
    def create(cls, path: Path, passphrase: bytes) -> "KeyRing":
        """A new ring with one key version. STO-010 when the file exists."""
        salt = secrets.token_bytes(16)
        ring = cls(path, secrets.token_hex(16), salt, _derive(passphrase, salt), [secrets.token_bytes(KEY_BYTES)])
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            durable.write(path, ring._encode(), once=True)
        except FileExistsError:
            raise FalajError("STO-010", str(path), "a key ring is there already") from None
        return ring

    @classmethod
    def open(cls, path: Path, passphrase: bytes) -> "KeyRing":
        """The ring in `path`: STO-001 wrong passphrase, STO-002 damaged file, STO-003 no file."""
        ring_id, salt, _ = _read(path)
        ring = cls(path, ring_id, salt, _derive(passphrase, salt), [])
        ring._load()
        return ring

    @property
    def generation(self) -> int:
        """How many key versions the ring has; new objects use the last."""
        return len(self._keys)

    def rotate(self) -> None:
        """Add a key version. Safe beside other processes: none of their versions is lost."""
        with _locked(self.path.parent):
            self._load()
            self._keys.append(secrets.token_bytes(KEY_BYTES))
            durable.write(self.path, self._encode())

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        """Seal a data key under the newest version, bound to `context`. WRAPPED_BYTES long for a 256-bit key."""
        head = self.generation.to_bytes(4, "big")
        nonce = secrets.token_bytes(NONCE_BYTES)
        return head + nonce + AESGCM(self._keys[-1]).encrypt(nonce, data_key, head + context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The data key `wrap` sealed for the same context; Unwrappable when it is not that."""
        version = int.from_bytes(wrapped[:4], "big")
        if version > self.generation:
            self._load()  # another process may have rotated the ring since it was opened
        if not 1 <= version <= self.generation:
            raise Unwrappable(f"key version {version}, the ring has {self.generation}")
        nonce, sealed = wrapped[4 : 4 + NONCE_BYTES], wrapped[4 + NONCE_BYTES :]
        try:
            return AESGCM(self._keys[version - 1]).decrypt(nonce, sealed, wrapped[:4] + context)
        except (InvalidTag, ValueError) as error:
            raise Unwrappable("the wrapped key does not authenticate") from error

    def _load(self) -> None:
        ring_id, salt, sealed = _read(self.path)
        try:
            keys = AESGCM(self._master).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _binding(ring_id, salt))
        except (InvalidTag, ValueError):
            # The file's checksum was right, so its bytes are as written: the passphrase is not.
            raise FalajError("STO-001", str(self.path), "the passphrase does not open the key ring") from None
        self._keys = [keys[at : at + KEY_BYTES] for at in range(0, len(keys), KEY_BYTES)]

    def _encode(self) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self._master).encrypt(nonce, b"".join(self._keys), _binding(self.id, self._salt))
        fields = {"format": FORMAT, "id": self.id, "salt": _text(self._salt), "keys": _text(nonce + sealed)}
        return json.dumps(fields | {"checksum": _checksum(fields)}, indent=1).encode()


def _read(path: Path) -> tuple[str, bytes, bytes]:
    """(id, salt, sealed keys) of a ring file whose checksum is right."""
    try:
        fields: dict[str, str] = json.loads(path.read_bytes())
        checksum = fields.pop("checksum")
        if fields["format"] != FORMAT or checksum != _checksum(fields):
            raise ValueError("its checksum does not match its content")
        if not _ID.fullmatch(fields["id"]):
            raise ValueError("its id is none")
        return fields["id"], base64.b64decode(fields["salt"]), base64.b64decode(fields["keys"])
    except FileNotFoundError:
        raise FalajError("STO-003", str(path), "there is no key ring") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FalajError("STO-002", str(path), f"the key ring cannot be read: {error}") from error


def _derive(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=KEY_BYTES, **SCRYPT).derive(passphrase)


def _binding(ring_id: str, salt: bytes) -> bytes:
    return b"|".join((FORMAT.encode(), ring_id.encode(), salt))


def _checksum(fields: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
