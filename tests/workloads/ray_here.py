"""A Ray of this machine for tests and benches, on loopback."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    # As the local target has it: without it Ray takes the machine's outer address and opens every port there.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_SERVE_ENABLE_HA_PROXY": "0",
}


@contextmanager
def ray_here(cores: int = 2, **environment: str) -> Iterator[Any]:
    """The module `ray`, connected; its processes go with the block."""
    with patch.dict(os.environ, ENVIRONMENT | environment | {"PYTHONPATH": str(Path.cwd())}):
        import ray
        from ray._private import ray_constants

        # Read at Ray's import, which may have been before the block.
        with patch.object(ray_constants, "ENABLE_RAY_CLUSTER", False):
            ray.init(num_cpus=cores, include_dashboard=False, object_store_memory=200_000_000, log_to_driver=False)
            ray.data.DataContext.get_current().enable_progress_bars = False
            try:
                yield ray
            finally:
                ray.shutdown()
