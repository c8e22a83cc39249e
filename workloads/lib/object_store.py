"""The encrypted object store: a folder in which every file is sealed and authenticated.

An object is a header (format, ring id, wrapped data key, nonce prefix) and AES-256-GCM segments in the STREAM
construction: the nonce counts the segments and marks the last one, the associated data is the header and the object's
name. So a flipped byte, a truncation, a reordering, or one object put in another's place is refused.
"""

import hashlib
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infra.errors import FalajError
from workloads.lib import durable
from workloads.lib.key_ring import KEY_BYTES, TAG_BYTES, WRAPPED_BYTES, KeyRing, Unwrappable

MAGIC = b"FALAJOB1"
RING_BYTES = 16
PREFIX_BYTES = 7
HEADER_BYTES = len(MAGIC) + RING_BYTES + WRAPPED_BYTES + PREFIX_BYTES
SEGMENT_BYTES = 1 << 20
NAME = re.compile(r"[A-Za-z0-9][\w.:=+-]*(/[A-Za-z0-9][\w.:=+-]*)*", re.ASCII)
NAME_LENGTH = 150
STALE_SECONDS = 3600
"""A temporary file this old was left by a killed writer (it holds ciphertext only)."""


@dataclass(frozen=True)
class ObjectStore:
    """An open store. Make one with `create` or `open`; the ring must be the one it was created with."""

    path: Path
    ring: KeyRing

    @classmethod
    def create(cls, path: Path, ring: KeyRing) -> "ObjectStore":
        """The store in `path`, made when it is not there. STO-006 when it belongs to another ring."""
        store = cls(path, ring)
        for folder in (store._objects, store._scratch):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.chmod(0o700)
        if not store._marker.exists():
            for file in store._objects.iterdir():
                with file.open("rb") as opened:
                    store._same_ring(opened.read(HEADER_BYTES))
            with suppress(FileExistsError):
                durable.write(store._marker, store._seal("marker", ring.id.encode()), once=True)
        return cls.open(path, ring)

    @classmethod
    def open(cls, path: Path, ring: KeyRing) -> "ObjectStore":
        """The store in `path`. STO-006 when it belongs to another ring, STO-011 when there is none."""
        store = cls(path, ring)
        try:
            marker = store._marker.read_bytes()
        except FileNotFoundError:
            raise FalajError("STO-011", str(path), "there is no object store") from None
        store._same_ring(marker[:HEADER_BYTES])
        store._unseal("marker", marker)
        for file in store._scratch.glob("*.tmp"):
            with suppress(OSError):
                if time.time() - file.stat().st_mtime > STALE_SECONDS:
                    file.unlink()
        return store

    def put(self, name: str, data: bytes) -> str:
        """Store `data` under `name`, replacing what is there. Returns the plaintext's digest, `sha256:…`."""
        durable.write(self._file(name), self._seal(name, data), scratch=self._scratch)
        return digest(data)

    def put_if_absent(self, name: str, data: bytes) -> str:
        """Store a write-once object: the same bytes again are fine, other bytes are STO-009. Returns the digest."""
        try:
            durable.write(self._file(name), self._seal(name, data), once=True, scratch=self._scratch)
        except FileExistsError:
            there = digest(self.get(name))
            if there != digest(data):
                problem = f"it holds {there} and cannot be replaced by {digest(data)}"
                raise FalajError("STO-009", f"object {name}", problem) from None
        return digest(data)

    def get(self, name: str) -> bytes:
        """The object's plaintext. STO-005 when it is missing, STO-004 when one bit of it is not as written."""
        file = self._file(name)
        try:
            sealed = file.read_bytes()
        except FileNotFoundError:
            raise FalajError("STO-005", f"object {name}", f"it is not in the store {self.path}") from None
        except OSError as error:
            raise FalajError("STO-007", f"object {name}", f"it could not be read: {error.strerror}") from error
        return self._unseal(name, sealed)

    def exists(self, name: str) -> bool:
        """Whether an object of that name is there; says nothing about its bytes."""
        return self._file(name).exists()

    def names(self, prefix: str = "") -> list[str]:
        """The names that start with `prefix`, sorted."""
        names = (unquote(file.name) for file in self._objects.iterdir())
        return sorted(name for name in names if name.startswith(prefix))

    def delete(self, name: str) -> None:
        """Remove the object. STO-005 when it is missing."""
        try:
            self._file(name).unlink()
        except FileNotFoundError:
            raise FalajError("STO-005", f"object {name}", f"it is not in the store {self.path}") from None
        durable.sync_folder(self._objects)

    def verify(self) -> list[str]:
        """Read every object; the names of those that are damaged or do not belong here."""
        damaged: list[str] = []
        for name in self.names():
            try:
                self.get(name)
            except FalajError:
                damaged.append(name)
        return damaged

    @property
    def _objects(self) -> Path:
        return self.path / "objects"

    @property
    def _scratch(self) -> Path:
        return self.path / "scratch"

    @property
    def _marker(self) -> Path:
        return self.path / "marker"

    def _file(self, name: str) -> Path:
        if not NAME.fullmatch(name) or len(name) > NAME_LENGTH:
            raise FalajError("STO-008", f"object {name[:NAME_LENGTH]!r}", "that is no name for an object")
        return self._objects / quote(name, safe="")  # one flat folder: no name can be another one's folder

    def _same_ring(self, header: bytes) -> None:
        ring = header[len(MAGIC) : len(MAGIC) + RING_BYTES].hex()
        if not header.startswith(MAGIC) or ring != self.ring.id:
            problem = f"it belongs to key ring {ring or 'unknown'}, the ring given is {self.ring.id}"
            raise FalajError("STO-006", str(self.path), problem)

    def _seal(self, name: str, data: bytes) -> bytes:
        key = secrets.token_bytes(KEY_BYTES)
        head = MAGIC + bytes.fromhex(self.ring.id)
        prefix = secrets.token_bytes(PREFIX_BYTES)
        header = head + self.ring.wrap(key, head + name.encode()) + prefix
        cipher, aad = AESGCM(key), header + name.encode()
        last = max(0, len(data) - 1) // SEGMENT_BYTES
        view = memoryview(data)
        segments = (
            cipher.encrypt(_nonce(prefix, i, i == last), view[i * SEGMENT_BYTES : (i + 1) * SEGMENT_BYTES], aad)
            for i in range(last + 1)
        )
        return header + b"".join(segments)

    def _unseal(self, name: str, sealed: bytes) -> bytes:
        header, body = sealed[:HEADER_BYTES], memoryview(sealed)[HEADER_BYTES:]
        head = MAGIC + bytes.fromhex(self.ring.id)
        step = SEGMENT_BYTES + TAG_BYTES
        try:
            if not header.startswith(head):
                raise Unwrappable("its header is not of this store")
            key = self.ring.unwrap(header[len(head) : len(head) + WRAPPED_BYTES], head + name.encode())
            cipher, prefix, aad = AESGCM(key), header[-PREFIX_BYTES:], header + name.encode()
            last = max(0, len(body) - 1) // step
            return b"".join(
                cipher.decrypt(_nonce(prefix, i, i == last), body[i * step : (i + 1) * step], aad)
                for i in range(last + 1)
            )
        except Unwrappable as error:
            raise FalajError("STO-004", f"object {name}", f"{error}, in {self.path}") from error
        except (InvalidTag, ValueError) as error:
            problem = f"its {len(sealed)} bytes are not what was sealed under this name, in {self.path}"
            raise FalajError("STO-004", f"object {name}", problem) from error


def digest(data: bytes) -> str:
    """`sha256:` and the hexadecimal SHA-256 of `data`."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _nonce(prefix: bytes, segment: int, last: bool) -> bytes:
    return prefix + segment.to_bytes(4, "big") + bytes([last])
