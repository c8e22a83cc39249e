"""What a `platform.json` says, of a store that was made in a folder; nobody listens at its servers."""

from pathlib import Path
from typing import Any

from workloads.lib.object_store import ObjectStore

PASSPHRASE = b"correct horse"
NOBODY = "http://127.0.0.1:9"


def fields(folder: Path, store: ObjectStore, **changed: Any) -> dict[str, Any]:
    """As JSON, with the fields named otherwise; writes the passphrase of the ring `keys/ring.json`."""
    (folder / "passphrase").write_bytes(PASSPHRASE)
    ray = {"address": "127.0.0.1:9", "dashboard": NOBODY, "token_file": "token", "cpus": 2, "memory_gib": 1}
    return {
        "schema": 1,
        "stack": "local",
        "kind": "region",
        "profile": "dev",
        "jurisdiction": "local",
        "regimes": [],
        "passphrase_file": str(folder / "passphrase"),
        "keys": {"path": str(folder / "keys/ring.json"), "id": store.ring.id},
        "store": {"path": str(store.path)},
        "decision": {"url": NOBODY, "token_file": "token", "bundle_digest": "sha256:0"},
        "tracking": {"url": NOBODY},
        "ray": ray | {"serve": {"host": "127.0.0.1", "port": 9}},
        "decision_log": str(folder / "gate" / "decisions.jsonl"),
    } | changed
