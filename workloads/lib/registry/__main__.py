"""`python -m workloads.lib.registry --platform FILE VERB …`: what `falaj model` asks, answered as JSON."""

import argparse
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from policies.gate.record import Head
from workloads.lib import command, serve
from workloads.lib.object_store import digest
from workloads.lib.platform import Platform
from workloads.lib.registry import bundle, collect, hold
from workloads.lib.registry.entry import Registry
from workloads.lib.registry.find import find
from workloads.lib.registry.log import Log, pointed
from workloads.lib.registry.mirror import mirror
from workloads.lib.registry.sign import Signer

Asked = argparse.Namespace
Answer = dict[str, Any]


def main() -> int:
    """Answer one verb."""
    return command.run(_parser(), lambda platform, asked: VERBS[asked.verb](platform, asked))


def listing(platform: Platform, _: Asked) -> Answer:
    """Every entry of every name, with what points at it."""
    registry = Registry(platform.open_store())
    models: list[Answer] = []
    for name in registry.names():
        points = pointed(Log(registry.store, name).records())
        for model in registry.entries(name):
            at = [pointer for pointer, there in points.items() if there == model]
            models.append({"name": name, "model": model, "pointers": at})
    return {"models": models}


def show(platform: Platform, asked: Asked) -> Answer:
    """One entry, verified: its files, facts, signature, what points at it and what holds it."""
    registry = Registry(platform.open_store())
    model = registry.load(asked.name, find(registry, asked.name, asked.model))
    records = Log(registry.store, asked.name).records()
    return {
        "name": model.name,
        "model": model.digest,
        "files": {file: {"digest": digest(data), "bytes": len(data)} for file, data in model.files.items()},
        "facts": model.facts,
        "signature": model.signature,
        "pointers": [pointer for pointer, there in pointed(records).items() if there == model.digest],
        "held": hold.held(records).get(model.digest, []),
    }


def history(platform: Platform, asked: Asked) -> Answer:
    """The log of a name, checked, and its head."""
    log = Log(platform.open_store(), asked.name)
    records = log.records(_head(asked.head))
    return {"records": [record.model_dump() for record in records], "head": str(log.chain.head())}


def verify(platform: Platform, asked: Asked) -> Answer:
    """Every entry and the log of each name; what is wrong with which."""
    registry = Registry(platform.open_store())
    names = [asked.name] if asked.name else registry.names()
    found: list[Answer] = []
    heads: dict[str, str] = {}
    for name in names:
        heads[name] = history(platform, Asked(name=name, head=asked.head))["head"]
        for model in registry.entries(name):
            try:
                registry.load(name, model)
                found.append({"name": name, "model": model, "ok": True})
            except FalajError as error:
                found.append({"name": name, "model": model, "ok": False, "error": error.as_dict()})
    return {"entries": found, "heads": heads}


def gc(platform: Platform, asked: Asked) -> Answer:
    """What may go; with --apply, mark it, and delete what was marked long enough ago."""
    store, name = platform.open_store(), asked.name
    kept: Answer = {"retention": timedelta(days=asked.retention_days), "served": _served(platform, name)}
    grace = timedelta(days=asked.grace_days)
    done: Answer = {"marked": [], "deleted": []}
    if asked.apply:
        done = {"deleted": collect.sweep(store, name, grace=grace, **kept), "marked": collect.mark(store, name, **kept)}
    return {"entries": [vars(one) for one in collect.look(store, name, **kept)], "grace_days": asked.grace_days, **done}


def export(platform: Platform, asked: Asked) -> Answer:
    """Write a bundle."""
    store = platform.open_store()
    model = find(Registry(store), asked.name, asked.model)
    secret = _passphrase(asked.passphrase_file)
    data = bundle.export(store, asked.name, model, why=asked.why, passphrase=secret)
    _write(asked.out, data)
    key = Signer.of(store).key_digest
    return {"file": str(asked.out), "bytes": len(data), "encrypted": secret is not None, "model": model, "key": key}


def bring(platform: Platform, asked: Asked) -> Answer:
    """Check a bundle and write its entry."""
    store = platform.open_store()
    public = _read(asked.key) if asked.key else Signer.of(store).public
    opened = bundle.check(
        _read(asked.file), public, passphrase=_passphrase(asked.passphrase_file), place=str(asked.file)
    )
    model = bundle.bring(store, opened, why=asked.why)
    return {"name": opened.name, "model": model, "key": opened.key, "pointers_there": opened.pointers}


def holds(platform: Platform, asked: Asked) -> Answer:
    """Hold an entry, or release one hold."""
    store = platform.open_store()
    model = find(Registry(store), asked.name, asked.model)
    act = hold.release if asked.verb == "release" else hold.hold
    return {"record": act(store, asked.name, model, why=asked.why).model_dump()}


def sync(platform: Platform, _: Asked) -> Answer:
    """Bring MLflow up to date."""
    registry = Registry(platform.open_store())
    sent = {name: mirror(registry, name, platform.tracking.url) for name in registry.names()}
    return {"sent": {name: vars(one) for name, one in sent.items() if one}, "url": platform.tracking.url}


def key(platform: Platform, _: Asked) -> Answer:
    """The public key that this platform's entries and bundles are signed with."""
    signer = Signer.of(platform.open_store())
    return {"public": signer.public.decode(), "digest": signer.key_digest}


VERBS = {
    "list": listing,
    "show": show,
    "history": history,
    "verify": verify,
    "gc": gc,
    "export": export,
    "import": bring,
    "hold": holds,
    "release": holds,
    "mirror": sync,
    "key": key,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m workloads.lib.registry", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    made = {verb: verbs.add_parser(verb) for verb in VERBS}
    for verb in ("show", "history", "gc", "export", "hold", "release"):
        made[verb].add_argument("name")
    for verb in ("show", "export", "hold", "release"):
        made[verb].add_argument("model")
    for verb in ("export", "import", "hold", "release"):
        made[verb].add_argument("--why", required=True)
    for verb in ("export", "import"):
        made[verb].add_argument("--passphrase-file", type=Path)
    for verb in ("history", "verify"):
        made[verb].add_argument("--head", default="")
    made["verify"].add_argument("name", nargs="?", default="")
    made["gc"].add_argument("--apply", action="store_true")
    made["gc"].add_argument("--grace-days", type=float, default=collect.GRACE.days)
    made["gc"].add_argument("--retention-days", type=float, default=collect.RETENTION.days)
    made["export"].add_argument("--out", type=Path, required=True)
    made["import"].add_argument("file", type=Path)
    made["import"].add_argument("--key", type=Path)
    return parser


def _head(text: str) -> Head | None:
    try:
        return Head.of_text(text) if text else None
    except ValueError as error:
        raise FalajError("REG-001", "--head", f"{text[:80]!r} is no head, a number, : and a digest") from error


def _served(platform: Platform, name: str) -> list[str]:
    model = serve.served(platform, f"/{name}")
    return [model] if model else []


def _passphrase(file: Path | None) -> bytes | None:
    return None if file is None else _read(file).strip()


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise FalajError("REG-012", str(file), f"it cannot be read: {error.strerror}") from error


def _write(file: Path, data: bytes) -> None:
    if file.exists():
        raise FalajError("REG-012", str(file), "it is there already")
    try:
        file.write_bytes(data)
    except OSError as error:
        raise FalajError("REG-012", str(file), f"it cannot be written: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
