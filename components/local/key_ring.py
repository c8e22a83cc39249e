"""The key ring: the local target's KMS key. Deleting it makes everything sealed under it unreadable."""

from pathlib import Path

import pulumi
from pydantic import Field

from components.local.passphrase import passphrase
from components.local.resource import Inputs, Kind, LocalResource, Properties
from infra.errors import FalajError
from workloads.lib import key_ring


class KeyRingInputs(Inputs):
    """Of the ring file."""

    path: str = Field(pattern="^/")
    generation: int = Field(ge=1, le=1000)
    """Key versions the ring shall have at least; one more rotates it. Versions are never removed."""


class KeyRingKind(Kind[KeyRingInputs]):
    """A file of key versions, sealed under the stack's passphrase."""

    type_name = "falaj:local:KeyRing"
    schema = KeyRingInputs
    outputs = ("ring_id",)

    def check(self, inputs: KeyRingInputs) -> None:
        if Path(inputs.path).exists():
            key_ring.KeyRing.open(Path(inputs.path), passphrase())

    def create(self, inputs: KeyRingInputs) -> tuple[str, Properties]:
        path = Path(inputs.path)
        ring = (key_ring.KeyRing.open if path.exists() else key_ring.KeyRing.create)(path, passphrase())
        while ring.generation < inputs.generation:
            ring.rotate()
        return inputs.path, {"ring_id": ring.id}

    def read(self, inputs: KeyRingInputs, outputs: Properties) -> Properties | None:
        if not Path(inputs.path).exists():
            return None
        ring = key_ring.KeyRing.open(Path(inputs.path), passphrase())
        if outputs.get("ring_id") not in (None, ring.id):
            problem = f"it is ring {ring.id}, the stack was made with ring {outputs['ring_id']}"
            raise FalajError("LOC-008", inputs.path, problem)
        return {"ring_id": ring.id}

    def delete(self, inputs: KeyRingInputs) -> None:
        Path(inputs.path).unlink(missing_ok=True)


class KeyRing(LocalResource):
    """Wraps the data key of every stored object."""

    kind = KeyRingKind

    def __init__(self, name: str, path: Path, generation: int, opts: pulumi.ResourceOptions) -> None:
        super().__init__(name, {"path": str(path), "generation": generation}, opts)
