"""The model registry: content-addressed, encrypted, write-once, signed entries, and a log of what happens to them."""

from workloads.lib.registry.entry import MANIFEST, SIGNATURE, Model, Registry

__all__ = ["MANIFEST", "SIGNATURE", "Model", "Registry"]
