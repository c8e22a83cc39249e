"""What every cloud returns: the outputs of a region, by which its tenants and workloads find it.

`SCHEMA` rises when a reader of the older form would go wrong. Values are addresses and names of files; secrets
themselves are never among them.
"""

from typing import Any, TypedDict

SCHEMA = 1


class Region(TypedDict):
    """A region's outputs, each an `Input` until the engine knows it."""

    keys: Any
    """{path, id} of the key ring, or of the cloud's key."""
    store: Any
    """{path} of the object store."""
    decision: Any
    """{url, token_file, bundle_digest} of the decision server."""
    tracking: Any
    """{url} of the tracking server."""
    ray: Any
    """{address, dashboard, token_file, cpus, memory_gib, serve: {host, port}} of the Ray runtime."""
