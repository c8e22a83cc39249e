"""What the gate's tests share: a real OPA with the real packs, packs broken on purpose, and documents."""

import contextlib
import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from policies.gate import bundle, opa, params, waivers
from policies.gate.decide import Gate
from policies.gate.document import Document, Resource, Stack, from_plan

LOCAL = "falaj:local:"
GOOD: dict[str, dict[str, Any]] = {
    "KeyRing": {"path": "/s/keys/key_ring.json", "generation": 1},
    "ObjectStore": {"path": "/s/store", "key_ring": "/s/keys/key_ring.json", "encryption": "AES-256-GCM"},
    "Supervisor": {"path": "/s/supervisor", "log_max_mib": 10, "log_backups": 3},
    "DecisionServer": {"bind": "127.0.0.1", "auth": "token", "memory_mib": 256, "telemetry": False},
    "TrackingServer": {"bind": "127.0.0.1", "path": "/s/tracking", "memory_mib": 1024, "telemetry": False},
    "RayRuntime": {
        "bind": "127.0.0.1",
        "auth": "token",
        "cpus": 2,
        "memory_gib": 4,
        "object_store_gib": 1,
        "telemetry": False,
    },
}


def urn(kind: str) -> str:
    return f"urn:pulumi:local::falaj::{LOCAL}{kind}::{kind.lower()}"


class Questions:
    """Documents to ask about."""

    stack = Stack(
        name="local",
        project="falaj",
        profile="dev",
        jurisdiction="local",
        data_class="public",
        backend="file://s",
        secrets_provider="passphrase",
        author="me@x.ae",
        dry_run=True,
    )
    good = GOOD

    def resource(self, kind: str, stack: Stack | None = None, **changed: Any) -> Document:
        inputs = GOOD.get(kind, {}) | changed
        return Document(
            gate="resource",
            stack=stack or self.stack,
            params=params.resolve("local", [], {}),
            resources={urn(kind): Resource(type=LOCAL + kind, inputs=inputs)},
        )

    def plan(self, stack: Stack | None = None, op: str = "create", **changed: dict[str, Any]) -> Document:
        steps = [
            {"urn": urn(kind), "type": LOCAL + kind, "op": op, "inputs": inputs | changed.get(kind, {})}
            for kind, inputs in GOOD.items()
        ]
        return from_plan(steps, stack or self.stack, params.resolve("local", [], {}))


@dataclass(frozen=True)
class People:
    """Signers with their keys, and the waivers they sign."""

    folder: Path

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        listed = [
            {"id": who, "roles": ["risk-owner"], "key": self._make(who)} for who in ("risk@x.ae", "sec@x.ae", "me@x.ae")
        ]
        (self.folder / "signers.yaml").write_text(yaml.safe_dump({"signers": listed}))

    def key(self, who: str) -> Path:
        return self.folder / f"{who}.key"

    def _make(self, who: str) -> str:
        private = Ed25519PrivateKey.generate()
        self.key(who).write_bytes(
            private.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
            )
        )
        public = private.public_key()
        return public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()

    def waive(
        self, policy: str, urn: str, inputs: str, by: tuple[str, ...] = ("risk@x.ae", "sec@x.ae"), **changed: Any
    ) -> Path:
        now = datetime.now(UTC).replace(microsecond=0)
        written = {
            "id": "WAIVER-001",
            "policy": policy,
            "urn": urn,
            "stack": "local",
            "reason": "the old cluster is moved in March",
            "ticket": "RISK-17",
            "risk_owner": "risk@x.ae",
            "requested_by": "me@x.ae",
            "not_before": (now - timedelta(days=1)).isoformat(),
            "expires": (now + timedelta(days=20)).isoformat(),
            "compensating_control": "the network is watched",
            "inputs": [inputs],
        } | changed
        file = self.folder / f"{written['id']}.yaml"
        file.write_text(yaml.safe_dump(written, sort_keys=False))
        for who in by:
            waivers.add_signature(file, who, self.key(who))
        return file


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path / "waivers")


@pytest.fixture(scope="session")
def ask() -> Questions:
    return Questions()


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FALAJ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FALAJ_WAIVERS", str(tmp_path / "waivers"))
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{tmp_path}")
    for name in ("OPA_URL", "OPA_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gate]:
    with Gate.start(log=tmp_path_factory.mktemp("home") / "gate" / "decisions.jsonl") as started:
        yield started


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Callable[..., Gate]]:
    """A gate whose packs were changed: `broken(rules={"loc_001": "results.x := 1"}, drop=["lib/gate.rego"])`."""
    with contextlib.ExitStack() as stack:

        def start(rules: dict[str, str] | None = None, drop: list[str] | None = None, **replaced: str) -> Gate:
            packs = tmp_path / f"packs-{secrets.token_hex(4)}"
            shutil.copytree(bundle.REGO, packs)
            for name in drop or []:
                (packs / name).unlink()
            for name, body in (rules or {}).items():
                (file,) = packs.rglob(f"{name}*.rego")
                head = file.read_text().partition("\npackage ")[0]
                file.write_text(f"{head}\npackage falaj.rules.{name}\n\n{body}\n")
            for name, text in replaced.items():
                (packs / "lib" / f"{name}.rego").write_text(text)
            staged = bundle.stage(tmp_path / "bundles", packs)
            server = stack.enter_context(opa.serve(opa.binary(), staged.path))
            log = tmp_path / "decisions.jsonl"
            return stack.enter_context(Gate.connect(server.url, server.token, staged.digest, log))

        yield start


def rules_cases() -> dict[str, Any]:
    """The good release of the rules' own tests, and its parameters."""
    file = Path(__file__).parent / "rego" / "cases.rego"
    return json.loads(opa.run(opa.binary(), "eval", "-d", str(file), "data.falaj_test.cases", "--format", "raw"))


@pytest.fixture(scope="session")
def cases() -> dict[str, Any]:
    return rules_cases()
