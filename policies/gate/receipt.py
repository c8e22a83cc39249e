"""The receipt: how a Pulumi program knows that the engine running it has our rules loaded (design D6).

The analyzer leaves `gate/receipts/<engine>.json` in the state folder when it serves. A receipt alone proves nothing: it
counts only while the process it names answers as our analyzer, with our bundle, as a child of that very engine.
"""

import contextlib
import hashlib
import json
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import cast

import grpc
import psutil
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2_grpc, plugin_pb2
from pydantic import BaseModel, ConfigDict, ValidationError

from infra.errors import FalajError
from infra.home import home
from policies.gate import bundle

PACK = "falaj"
PLUGIN_VERSION = "0.1.0"
_SECONDS = 5.0


class Receipt(BaseModel):
    """What the analyzer leaves: the engine it serves, its own port and process, the bundle it judges by."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    engine: str
    port: int
    pid: int
    bundle: str


def plugin_version(bundle_digest: str) -> str:
    """What our analyzer answers to GetPluginInfo: its version with the bundle's digest as semver build metadata."""
    return f"{PLUGIN_VERSION}+{bundle_digest.replace(':', '.')}"


@contextlib.contextmanager
def left(receipt: Receipt) -> Generator[Path]:
    """Leave the receipt for as long as the block runs; receipts of analyzers that died without a word go."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for other in folder.glob("*.json"):
        _sweep(other)
    path = _path(receipt.engine)
    working = path.with_suffix(f".{os.getpid()}")
    working.write_text(receipt.model_dump_json())
    working.replace(path)
    try:
        yield path
    finally:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()


def engine_address() -> str:
    """The address of the engine that runs this program, "" when none does.

    The Python language host passes it as `--engine` to the script that then runs the program (and resets `sys.argv`);
    other ways of running a program set `$PULUMI_ENGINE`.
    """
    named = [word.removeprefix("--engine=") for word in sys.orig_argv if word.startswith("--engine=")]
    following = [sys.orig_argv[i + 1] for i, word in enumerate(sys.orig_argv[:-1]) if word == "--engine"]
    return next(iter([*following, *named]), os.environ.get("PULUMI_ENGINE", ""))


def require(engine_address: str) -> Receipt:
    """The receipt of the live analyzer that serves this engine with the packs of this checkout. Raises GATE-016."""
    place = f"engine {engine_address or '(none)'}"
    try:
        receipt = Receipt.model_validate_json(_path(engine_address).read_bytes())
    except (OSError, ValidationError, ValueError) as error:
        raise FalajError("GATE-016", place, "this engine has no policy pack loaded") from error
    expected = bundle.digest()
    if (receipt.engine, receipt.bundle) != (engine_address, expected):
        raise FalajError("GATE-016", place, f"its receipt names {receipt.engine} and {receipt.bundle}, not {expected}")
    if not _is_child_of(receipt.pid, engine_address):
        raise FalajError("GATE-016", place, f"its receipt is stale: process {receipt.pid} is not this engine's")
    stated = _stated_version(receipt.port)
    if stated != plugin_version(expected):
        raise FalajError("GATE-016", place, f"port {receipt.port} answers {stated}, not {plugin_version(expected)}")
    return receipt


def _stated_version(port: int) -> str:
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        stub = analyzer_pb2_grpc.AnalyzerStub(channel)
        try:
            answer = cast("plugin_pb2.PluginInfo", stub.GetPluginInfo(empty_pb2.Empty(), timeout=_SECONDS))  # pyright: ignore[reportUnknownMemberType]
            return answer.version
        except grpc.RpcError:
            return "nothing"


def _is_child_of(pid: int, engine_address: str) -> bool:
    """Whether the process's parent is what listens at the engine's address."""
    try:
        port = int(engine_address.rsplit(":", 1)[-1])
        parent = psutil.Process(pid).parent()
        sockets = parent.net_connections("tcp") if parent else []
    except (ValueError, psutil.Error):
        return False
    return any(item.status == psutil.CONN_LISTEN and item.laddr.port == port for item in sockets)


def _sweep(path: Path) -> None:
    try:
        alive = psutil.pid_exists(json.loads(path.read_bytes())["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        alive = False
    if not alive:
        with contextlib.suppress(OSError):
            path.unlink()


def _folder() -> Path:
    return home() / "gate" / "receipts"


def _path(engine_address: str) -> Path:
    return _folder() / f"{hashlib.sha256(engine_address.encode()).hexdigest()[:16]}.json"
