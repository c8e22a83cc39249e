# pyright: reportPrivateUsage=false, reportPrivateImportUsage=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
"""Keep a Serve replica's inner port on loopback."""

from typing import Any

from ray.serve._private import replica

from workloads.lib.platform import Platform

ANYWHERE = "[::]:"


def stay(platform: Platform) -> None:
    """On a loopback platform, have this replica listen there only. For the constructor of an application.

    Serve 2.60 gives every replica a server for calls from other deployments and binds it to all interfaces, with no
    setting for it (`replica.py`, `_on_initialized`, which runs after the constructor). A Serve without this function
    fails here rather than listen anywhere.
    """
    if not platform.ray.address.startswith("127."):
        return
    bind = replica.add_port_to_grpc_server

    def bind_on_loopback(server: Any, address: str) -> int:
        return bind(server, address.replace(ANYWHERE, "127.0.0.1:"))

    replica.add_port_to_grpc_server = bind_on_loopback
