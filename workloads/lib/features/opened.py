"""The platform's online store, opened: a file on one machine, a server where there are several."""

from workloads.lib.features.online import Online
from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import OnlineFile, Platform


def opened(platform: Platform, store: ObjectStore) -> Online | None:
    """None where the platform has none. FEA-007 when it cannot be opened."""
    if (where := platform.online) is None:
        return None
    if isinstance(where, OnlineFile):
        from workloads.lib.features.sqlite import SqliteStore

        return SqliteStore(store, where.path)
    from workloads.lib.features.redis import RedisStore

    return RedisStore(store, **dict(where))
