"""The plan providers on loopback, for an engine that is started meanwhile.

For review and tests only: what a stack of a cloud is applied with are the clouds' own providers.
"""

from collections.abc import Collection, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import grpc
from pulumi.runtime.proto.provider_pb2_grpc import add_ResourceProviderServicer_to_server

from infra.plan.cluster.client import Client
from infra.plan.cluster.config import Config
from infra.plan.cluster.servicer import ClusterServicer
from infra.plan.schema import PACKAGES
from infra.plan.servicer import Servicer
from policies.gate import depth

_WORKERS = 64  # as many wait for their objects in a cluster as the engine makes at once
_MAX_BYTES = 400 * 1024 * 1024  # the engine's own limit for a message
_OPTIONS = [("grpc.max_receive_message_length", _MAX_BYTES), ("grpc.max_send_message_length", _MAX_BYTES)]


@contextmanager
def attached(
    *, catalogue: bool = True, cluster: Path | None = None, answered: Collection[str] = ()
) -> Generator[dict[str, str]]:
    """Serve all of `PACKAGES` while the context is open; yields what to add to the engine's environment.

    Without the catalogue, what a region does not sell is planned there all the same. With the kubeconfig of a cluster,
    what is of Kubernetes is planned and made in that cluster, whichever one the program names; there, of the webhooks
    only those of services that are `answered` for are called.
    """
    depth.unlimited()
    with ExitStack() as open_:
        servicers = {package: Servicer(package, catalogue=catalogue) for package in PACKAGES}
        if cluster:
            servicers["kubernetes"] = ClusterServicer(Client(Config.load(cluster)), answered)
        ports = {package: open_.enter_context(_serving(servicer)) for package, servicer in servicers.items()}
        yield {"PULUMI_DEBUG_PROVIDERS": ",".join(f"{package}:{port}" for package, port in ports.items())}


@contextmanager
def _serving(servicer: Servicer) -> Generator[int]:
    server = grpc.server(ThreadPoolExecutor(max_workers=_WORKERS), options=_OPTIONS)
    add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(grace=None).wait()
