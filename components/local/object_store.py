"""The encrypted object store of the local target."""

import shutil
from pathlib import Path
from typing import Literal

import pulumi
from pydantic import Field

from components.local.passphrase import passphrase
from components.local.resource import Inputs, Kind, LocalResource, Properties
from infra.errors import FalajError
from workloads.lib import key_ring, object_store

Encryption = Literal["AES-256-GCM", "none"]


class ObjectStoreInputs(Inputs):
    """Of the store's folder."""

    path: str = Field(pattern="^/")
    key_ring: str = Field(pattern="^/")
    """The ring's file."""
    encryption: Encryption
    """`none` is understood so that the gate can name the rule it breaks; it is never built."""


class ObjectStoreKind(Kind[ObjectStoreInputs]):
    """A folder of sealed objects."""

    type_name = "falaj:local:ObjectStore"
    schema = ObjectStoreInputs
    outputs = ("ring_id",)
    replaced_by = ("path", "key_ring", "encryption")

    def create(self, inputs: ObjectStoreInputs) -> tuple[str, Properties]:
        if inputs.encryption != "AES-256-GCM":
            raise FalajError(
                "LOC-003", inputs.path, f"encryption is {inputs.encryption}, the store writes AES-256-GCM only"
            )
        store = object_store.ObjectStore.create(Path(inputs.path), self._ring(inputs))
        return inputs.path, {"ring_id": store.ring.id}

    def read(self, inputs: ObjectStoreInputs, outputs: Properties) -> Properties | None:
        if not Path(inputs.path).exists() or not Path(inputs.key_ring).exists():
            return None
        return {"ring_id": object_store.ObjectStore.open(Path(inputs.path), self._ring(inputs)).ring.id}

    def delete(self, inputs: ObjectStoreInputs) -> None:
        shutil.rmtree(inputs.path, ignore_errors=True)

    def _ring(self, inputs: ObjectStoreInputs) -> key_ring.KeyRing:
        return key_ring.KeyRing.open(Path(inputs.key_ring), passphrase())


class ObjectStore(LocalResource):
    """Where data and models live, sealed."""

    kind = ObjectStoreKind

    def __init__(
        self, name: str, path: Path, ring: LocalResource, encryption: Encryption, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(name, {"path": str(path), "key_ring": ring.output("path"), "encryption": encryption}, opts)
