# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Sign and verify a registry entry with `model-signing` in key mode (in-toto statement, DSSE, Sigstore bundle).

The library works on files; here everything stays in memory: the model's digests are handed over through the library's
hashing hook, keys and signature through anonymous memory files. The private key exists in the sealed store only.
"""

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Self

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from model_signing import hashing, manifest, signing, verifying
from model_signing._hashing.hashing import Digest

from infra.errors import FalajError
from workloads.lib.lock import held
from workloads.lib.object_store import ObjectStore, digest

KEY = "keys/model-signing.pem"
METHOD = "model-signing/key"


class Signer:
    """The platform's model-signing key, an EC P-256 key."""

    def __init__(self, private: ec.EllipticCurvePrivateKey) -> None:
        self._private = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @classmethod
    def of(cls, store: ObjectStore) -> Self:
        """The signer whose key is sealed in the store; made on first use."""
        if not store.exists(KEY):
            with held(store, "keys"):
                if not store.exists(KEY):
                    fresh = cls(ec.generate_private_key(ec.SECP256R1()))
                    store.put_if_absent(KEY, fresh._private)
        private = serialization.load_pem_private_key(store.get(KEY), None)
        if not isinstance(private, ec.EllipticCurvePrivateKey):
            raise FalajError("WRK-010", KEY, "the signing key is no elliptic-curve key")
        return cls(private)

    @property
    def key_digest(self) -> str:
        """Digest of the public key, as the signature's hint names it."""
        return digest(self.public)

    def sign(self, name: str, files: Mapping[str, str]) -> bytes:
        """The signature over {file: `sha256:…`}, as a Sigstore bundle."""
        with _in_memory(self._private) as key, _in_memory(b"") as out:
            config = signing.Config().set_hashing_config(_Known(name, files))
            config.use_elliptic_key_signer(private_key=key).sign(name, out)
            return out.read_bytes()

    def verify(self, name: str, files: Mapping[str, str], signature: bytes) -> None:
        """WRK-010 unless `signature` was made by this key over exactly these files."""
        verify(self.public, name, files, signature)


def verify(public: bytes, name: str, files: Mapping[str, str], signature: bytes) -> None:
    """The same, with a public key (PEM) alone; nothing is asked over a network."""
    try:
        with _in_memory(public) as key, _in_memory(signature) as given:
            config = verifying.Config().set_hashing_config(_Known(name, files))
            config.use_elliptic_key_verifier(public_key=key).verify(Path(name), given)
    except Exception as error:  # the library raises many kinds, all of which mean no
        reason = f"{type(error).__name__} {error}".strip()
        raise FalajError("WRK-010", f"model {name}", f"its signature does not hold: {reason}") from error


class _Known(hashing.Config):
    """A hashing configuration whose digests are known already."""

    def __init__(self, name: str, files: Mapping[str, str]) -> None:
        super().__init__()
        method = {"method": "files", "hash_type": "sha256", "allow_symlinks": False}
        items = [
            manifest.FileManifestItem(
                path=PurePosixPath(file), digest=Digest("sha256", bytes.fromhex(value.removeprefix("sha256:")))
            )
            for file, value in files.items()
        ]
        self._known = manifest.Manifest(name, items, manifest.SerializationType.from_args(method))

    def hash(self, *_: Any, **__: Any) -> manifest.Manifest:
        return self._known


@contextmanager
def _in_memory(data: bytes) -> Generator[Path]:
    descriptor = os.memfd_create("falaj")
    try:
        os.write(descriptor, data)
        yield Path(f"/proc/self/fd/{descriptor}")
    finally:
        os.close(descriptor)
