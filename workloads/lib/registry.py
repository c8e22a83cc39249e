"""The model registry: content-addressed, encrypted, write-once, signed. A model's name is the digest of its manifest.

Every load checks everything: the seal of each object, the digest of each file, of the manifest, and the signature.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.errors import FalajError
from workloads.lib.fingerprint import canonical
from workloads.lib.object_store import ObjectStore, digest
from workloads.lib.sign import METHOD, Signer

MANIFEST = "manifest.json"
SIGNATURE = "model.sig"


@dataclass(frozen=True)
class Model:
    """A verified registry entry."""

    name: str
    digest: str
    files: dict[str, bytes]
    facts: dict[str, Any]
    signature: dict[str, Any]
    """What the release document says about the signature."""

    def json(self, file: str) -> Any:
        """One of its files, parsed."""
        return json.loads(self.files[file])


@dataclass(frozen=True)
class Registry:
    """The entries `registry/<name>/<digest>/<file>` of a store."""

    store: ObjectStore

    def publish(self, name: str, files: Mapping[str, bytes], facts: Mapping[str, Any]) -> str:
        """Write the entry and sign it; the digest is its name. The same content again changes nothing."""
        listed = {file: {"digest": digest(data), "bytes": len(data)} for file, data in files.items()}
        manifest = canonical({"schema": 1, "name": name, "files": listed, "facts": facts})
        model = digest(manifest)
        for file, data in {**files, MANIFEST: manifest}.items():
            self.store.put_if_absent(_object(name, model, file), data)
        if not self.store.exists(_object(name, model, SIGNATURE)):
            digests = {file: digest(data) for file, data in {**files, MANIFEST: manifest}.items()}
            signature = Signer.of(self.store).sign(model, digests)
            self.store.put_if_absent(_object(name, model, SIGNATURE), signature)
        return model

    def load(self, name: str, model: str) -> Model:
        """The entry, or an error: STO-004/005 for an object, WRK-009 for a wrong digest, WRK-010 for the signature."""
        manifest = self.store.get(_object(name, model, MANIFEST))
        if digest(manifest) != model:
            raise FalajError("WRK-009", f"model {model}", f"its manifest's digest is {digest(manifest)}")
        described: dict[str, Any] = json.loads(manifest)
        files = {file: self.store.get(_object(name, model, file)) for file in described["files"]}
        for file, data in files.items():
            stated = described["files"][file]["digest"]
            if digest(data) != stated:
                raise FalajError("WRK-009", f"model {model}", f"{file} is {digest(data)}, the manifest says {stated}")
        there = {found.rsplit("/", 1)[-1] for found in self.store.names(_object(name, model, ""))}
        if extra := there - files.keys() - {MANIFEST, SIGNATURE}:
            raise FalajError("WRK-009", f"model {model}", f"it holds files the manifest does not list: {sorted(extra)}")
        signer = Signer.of(self.store)
        digests = {file: digest(data) for file, data in {**files, MANIFEST: manifest}.items()}
        signer.verify(model, digests, self.store.get(_object(name, model, SIGNATURE)))
        signature = {"present": True, "verified": True, "method": METHOD, "key": signer.key_digest}
        return Model(name, model, files, described["facts"], signature)


def _object(name: str, model: str, file: str) -> str:
    return f"registry/{name}/{model}/{file}"
