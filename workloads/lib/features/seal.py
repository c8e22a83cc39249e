"""What the online store holds of a view, sealed: whom a row describes is a keyed hash, what it says is ciphertext.

The secret lies in the platform's sealed store; a view's keys are derived from it and from the view's digest. The two
instants of a row stay legible, since the store orders rows by them.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from infra.errors import FalajError
from workloads.lib.features.definition import FeatureView
from workloads.lib.key_ring import KEY_BYTES, NONCE_BYTES
from workloads.lib.object_store import ObjectStore

SECRET = "keys/online-features"  # noqa: S105 - the name of the object that holds it


@dataclass(frozen=True)
class Seal:
    """The keys of one view."""

    view: FeatureView
    _hash: bytes
    _cipher: AESGCM

    @classmethod
    def of(cls, store: ObjectStore, view: FeatureView) -> Self:
        """The seal of a view on this platform; its secret is made on first use."""
        if not store.exists(SECRET):
            _make(store)
        kdf = HKDF(SHA256(), 2 * KEY_BYTES, salt=None, info=f"{SECRET}|{view.digest}".encode())
        keys = kdf.derive(store.get(SECRET))
        return cls(view, keys[:KEY_BYTES], AESGCM(keys[KEY_BYTES:]))

    def name(self, key: Mapping[str, Any]) -> bytes:
        """The keyed hash (32 bytes) under which a key's row lies. FEA-009 when it is no key of the view."""
        parts = [key.get(name) for name in self.view.keys]
        if not all(type(part) in (int, str) for part in parts):
            problem = (
                f"its keys are {', '.join(self.view.keys)}, as integers or text; given: {', '.join(key) or 'none'}"
            )
            raise FalajError("FEA-009", f"feature view {self.view.name}", problem)
        return hmac.digest(self._hash, json.dumps(parts).encode(), "sha256")

    def close(self, name: bytes, event: int, known: int, values: tuple[Any, ...]) -> bytes:
        """Seal a row's values, bound to its name and instants."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, json.dumps(values).encode(), _binding(name, event, known))

    def open(self, name: bytes, event: int, known: int, sealed: bytes) -> dict[str, Any]:
        """The values by feature. FEA-008 when they are not what was sealed for this name and these instants."""
        try:
            text = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _binding(name, event, known))
        except (InvalidTag, ValueError):
            problem = f"the row {name.hex()[:16]}… does not authenticate"
            raise FalajError("FEA-008", f"feature view {self.view.name}", problem) from None
        return dict(zip(self.view.names, json.loads(text), strict=True))


def _make(store: ObjectStore) -> None:
    try:
        store.put_if_absent(SECRET, secrets.token_bytes(KEY_BYTES))
    except FalajError as error:
        if error.code != "STO-009":  # another process made it first: that one counts
            raise


def _binding(name: bytes, event: int, known: int) -> bytes:
    return name + event.to_bytes(8, "big", signed=True) + known.to_bytes(8, "big", signed=True)
