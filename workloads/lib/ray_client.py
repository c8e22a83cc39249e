# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A connection to the platform's Ray runtime."""

import socket
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from infra.errors import FalajError
from workloads.lib.platform import Platform


@contextmanager
def connected(platform: Platform) -> Generator[Any]:
    """`ray`, connected as a driver. WRK-007 when the runtime cannot be reached or refuses the token."""
    # ray itself would try for a minute. Inside a cluster it tells its drivers where it is.
    if platform.ray.address != "auto" and not listening(platform.ray.address):
        raise FalajError("WRK-007", f"Ray at {platform.ray.address}", "nobody listens there")
    import ray

    try:
        ray.init(address=platform.ray.address, log_to_driver=False, ignore_reinit_error=True)
    except Exception as error:  # ray has no common base for what it raises here
        reason = f"{type(error).__name__}: {str(error).splitlines()[0]}"
        raise FalajError("WRK-007", f"Ray at {platform.ray.address}", f"no connection: {reason}") from error
    try:
        yield ray
    finally:
        ray.shutdown()


def listening(address: str) -> bool:
    """Whether somebody accepts connections at host:port."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=3):
            return True
    except OSError:
        return False
