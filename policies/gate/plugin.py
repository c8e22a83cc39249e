"""`pulumi-analyzer-policy-falaj <engine address> .`: what the engine starts for `runtime: falaj`."""

import contextlib
import importlib.util
import os
import signal
import sys
import threading
import types
from concurrent import futures
from pathlib import Path

from infra.errors import FalajError
from infra.home import home

# The default of 4 MB is not enough for a whole stack.
_OPTIONS = [("grpc.max_receive_message_length", 400 * 1024 * 1024), ("grpc.so_reuseport", 0)]
_LOOK_SECONDS = 0.5


def serve(engine: str, stopping: threading.Event) -> None:
    """Serve one engine until it goes away or `stopping` is set. The port is printed last."""
    import grpc
    from pulumi.runtime.proto import analyzer_pb2_grpc

    from policies.gate import bundle, depth, opa, receipt
    from policies.gate.analyzer import Analyzer
    from policies.gate.starting import Starting

    parent, log = os.getppid(), home() / "gate" / "decisions.jsonl"
    if not os.environ.get("OPA_URL"):
        opa.binary()
    with contextlib.ExitStack() as resources:
        staged = bundle.stage(log.parent / "bundles")
        gate = Starting(log, stopping)
        resources.callback(gate.close)
        resources.callback(stopping.set)
        depth.unlimited()
        server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=_OPTIONS)
        analyzer = Analyzer(gate, bundle.rules_of(staged), staged.digest, stopping)
        analyzer_pb2_grpc.add_AnalyzerServicer_to_server(analyzer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        resources.callback(lambda: server.stop(grace=0.2).wait())
        resources.enter_context(
            receipt.left(receipt.Receipt(engine=engine, port=port, pid=os.getpid(), bundle=staged.digest))
        )
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        while not stopping.wait(_LOOK_SECONDS):
            if os.getppid() != parent:
                return


def messages_only() -> None:
    """Let `pulumi.runtime.proto` be imported without the SDK above it, which takes three times as long to load.

    Every preview waits for this process; it needs the protocol's messages and nothing else of the SDK.
    """
    spec = importlib.util.find_spec("pulumi")
    if spec is None or spec.origin is None:
        return
    for name in ("pulumi", "pulumi.runtime"):
        package = types.ModuleType(name)
        package.__path__ = [str(Path(spec.origin).parent.joinpath(*name.split(".")[1:]))]
        sys.modules[name] = package


def main() -> None:
    """A gate that cannot start ends here with its one line, and the run with it."""
    stopping = threading.Event()

    def stop(*_: object) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    # gRPC's own handlers of forks make the start of OPA, which is one, abort at times.
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "false"
    if len(sys.argv) < 2:
        sys.exit("usage: pulumi-analyzer-policy-falaj ENGINE_ADDRESS [PACK]  (the Pulumi engine runs it)")
    messages_only()
    try:
        serve(sys.argv[1], stopping)
    except FalajError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(int(error.entry.exit))


if __name__ == "__main__":
    main()
