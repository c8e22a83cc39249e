"""A registry entry: content-addressed, encrypted, write-once, signed. A model's name is the digest of its manifest.

Every load checks everything: the seal of each object, the digest of each file, of the manifest, and the signature.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.errors import FalajError
from workloads.lib.fingerprint import canonical
from workloads.lib.lock import held
from workloads.lib.object_store import ObjectStore, digest
from workloads.lib.registry.sign import METHOD, Signer

MANIFEST = "manifest.json"
SIGNATURE = "model.sig"
LOCK = "registry"
"""Shared by who writes or points at entries, held alone by who deletes them."""
NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


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
        return self.write(name, files, canonical({"schema": 1, "name": name, "files": listed, "facts": facts}))

    def write(self, name: str, files: Mapping[str, bytes], manifest: bytes) -> str:
        """Write and sign the entry of a manifest made before, here or elsewhere."""
        checked(name)
        model, whole = digest(manifest), {**files, MANIFEST: manifest}
        with held(self.store, LOCK, shared=True):
            if self.store.exists(mark := marked(name, model)):
                self.store.delete(mark)  # it was about to be collected
            for file, data in whole.items():
                self.store.put_if_absent(entry(name, model, file), data)
            if not self.store.exists(entry(name, model, SIGNATURE)):
                signature = Signer.of(self.store).sign(model, {file: digest(data) for file, data in whole.items()})
                self.store.put_if_absent(entry(name, model, SIGNATURE), signature)
        return model

    def entries(self, name: str) -> list[str]:
        """The digests under that name, whole or not, sorted."""
        return sorted({found.split("/")[2] for found in self.store.names(f"registry/{name}/")})

    def names(self) -> list[str]:
        """The names of all models."""
        return sorted({found.split("/")[1] for found in self.store.names("registry/")})

    def load(self, name: str, model: str) -> Model:
        """The entry, or an error: STO-004/005 for an object, WRK-009 for a wrong digest, WRK-010 for the signature."""
        checked(name, model)
        manifest = self.store.get(entry(name, model, MANIFEST))
        if digest(manifest) != model:
            raise FalajError("WRK-009", f"model {model}", f"its manifest's digest is {digest(manifest)}")
        described: dict[str, Any] = json.loads(manifest)
        if described["name"] != name:
            raise FalajError("WRK-009", f"model {model}", f"it is an entry of {described['name']}, not of {name}")
        files = {file: self.store.get(entry(name, model, file)) for file in described["files"]}
        for file, data in files.items():
            stated = described["files"][file]["digest"]
            if digest(data) != stated:
                raise FalajError("WRK-009", f"model {model}", f"{file} is {digest(data)}, the manifest says {stated}")
        there = {found.rsplit("/", 1)[-1] for found in self.store.names(entry(name, model, ""))}
        if extra := there - files.keys() - {MANIFEST, SIGNATURE}:
            raise FalajError("WRK-009", f"model {model}", f"it holds files the manifest does not list: {sorted(extra)}")
        signer = Signer.of(self.store)
        digests = {file: digest(data) for file, data in {**files, MANIFEST: manifest}.items()}
        signer.verify(model, digests, self.store.get(entry(name, model, SIGNATURE)))
        signature = {"present": True, "verified": True, "method": METHOD, "key": signer.key_digest}
        return Model(name, model, files, described["facts"], signature)


def checked(name: str, model: str | None = None) -> None:
    """REG-001 unless `name` is a model's name, and `model` a digest."""
    if not NAME.fullmatch(name):
        raise FalajError("REG-001", f"model {name[:60]!r}", "it is not of lower-case letters, digits and -")
    if model is not None and not DIGEST.fullmatch(model):
        raise FalajError("REG-001", f"model {name}", f"{model[:80]!r} is no digest, sha256: and 64 digits")


def marked(name: str, model: str) -> str:
    """The object that says since when an entry is about to be collected."""
    return f"collect/{name}/{model}"


def entry(name: str, model: str, file: str) -> str:
    """The object that holds a file of an entry."""
    return f"registry/{name}/{model}/{file}"
