"""`pulumi-resource-falaj`: the engine starts it, reads its port from standard output, and talks to it."""

import os
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
from pulumi.runtime.proto.provider_pb2_grpc import add_ResourceProviderServicer_to_server

from components.local.decision_server import DecisionServerKind
from components.local.key_ring import KeyRingKind
from components.local.object_store import ObjectStoreKind
from components.local.provider.servicer import Servicer
from components.local.ray_runtime import RayRuntimeKind
from components.local.supervisor import SupervisorKind
from components.local.tracking_server import TrackingServerKind

KINDS = (KeyRingKind, ObjectStoreKind, SupervisorKind, DecisionServerKind, TrackingServerKind, RayRuntimeKind)
POLL_SECONDS = 0.5
GRACE_SECONDS = 120


def main() -> None:
    """Serve until the engine is gone; a verb that is under way is finished first."""
    engine = os.getppid()
    os.umask(0o077)
    server = grpc.server(ThreadPoolExecutor(max_workers=8))
    add_ResourceProviderServicer_to_server(Servicer([kind() for kind in KINDS]), server)
    print(server.add_insecure_port("127.0.0.1:0"), flush=True)  # noqa: T201 - the protocol
    server.start()
    while os.getppid() == engine and _listens(sys.argv[1:]):
        time.sleep(POLL_SECONDS)
    server.stop(GRACE_SECONDS).wait()
    sys.exit(0)


def _listens(arguments: list[str]) -> bool:
    """Whether the engine whose address we were given is there; it may have died before we knew our parent."""
    if not arguments:
        return True
    host, _, port = arguments[0].rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except OSError:
        return False
    return True
