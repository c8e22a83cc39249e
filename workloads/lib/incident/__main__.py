"""`python -m workloads.lib.incident --platform FILE VERB …`: what `falaj incident` asks, answered as JSON."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from workloads.lib import command
from workloads.lib.incident import evidence, incident, playbook
from workloads.lib.incident.breach import rules
from workloads.lib.incident.log import Incident
from workloads.lib.monitor.raised import KINDS, Report
from workloads.lib.object_store import ObjectStore, digest
from workloads.lib.platform import Platform
from workloads.lib.registry import Registry
from workloads.lib.registry.find import find
from workloads.lib.registry.sign import Signer

Asked = argparse.Namespace
Answer = dict[str, Any]


def main() -> int:
    """Answer one verb."""
    return command.run(_parser(), lambda platform, asked: VERBS[asked.verb](platform, asked))


def listing(platform: Platform, asked: Asked) -> Answer:
    """Every incident, or those that are not closed."""
    found = incident.every(platform.open_store())
    return {"incidents": [told(one) for one in found if asked.all or not one.closed]}


def show(platform: Platform, asked: Asked) -> Answer:
    """One incident: its state, clocks, timeline, and what the playbook says is next."""
    one, records = incident.find(platform.open_store(), asked.incident)
    timeline = [record.model_dump(mode="json") for record in records]
    return {**told(one), "timeline": timeline, "next": [step.model_dump() for step in playbook.of(one)]}


def report(platform: Platform, asked: Asked) -> Answer:
    """Open an incident that a person saw."""
    model = find(Registry(platform.open_store()), asked.name, asked.model)
    seen = Report(f"reported {digest(asked.why.encode())[7:15]}", asked.kind, model, datetime.now(UTC))
    made = incident.open_(
        platform,
        asked.name,
        alarm=seen,
        model=model,
        severity=asked.severity or None,
        personal=asked.personal,
        why=asked.why,
    )
    return told(made)


def acknowledge(store: ObjectStore, asked: Asked) -> Incident:
    """Take it."""
    return incident.acknowledge(store, asked.incident, why=asked.why, severity=asked.severity or None)


def judge(store: ObjectStore, asked: Asked) -> Incident:
    """Say whether it is a breach."""
    return incident.judge(store, asked.incident, asked.found, why=asked.why, aware=_instant(asked.aware))


def notify(store: ObjectStore, asked: Asked) -> Incident:
    """Record that an authority was told."""
    at = _instant(asked.at)
    return incident.notify(store, asked.incident, asked.regime, why=asked.why, exempt=asked.exempt, at=at)


def bundle(platform: Platform, asked: Asked) -> Answer:
    """Write the evidence."""
    data = evidence.bundle(platform, asked.incident)
    public = Signer.of(platform.open_store()).public
    opened = evidence.verify(data, public)
    _write(asked.out, data)
    return {"file": str(asked.out), "bytes": len(data), "digest": opened.digest, "key": opened.key} | _inside(opened)


def verify(platform: Platform, asked: Asked) -> Answer:
    """Check a bundle against this platform's key, or another."""
    public = _read(asked.key) if asked.key else Signer.of(platform.open_store()).public
    opened = evidence.verify(_read(asked.file), public, place=str(asked.file))
    return {"digest": opened.digest, "key": opened.key, **told(opened.incident)} | _inside(opened)


def told(one: Incident) -> Answer:
    """An incident as JSON, with its stage and its clocks as they stand now."""
    now = datetime.now(UTC)
    clocks = [clock.as_dict(now) for clock in incident.clocks(one)]
    unknown = [regime for regime in one.regimes if regime not in rules()] if one.aware else []
    return {**one.model_dump(mode="json"), "stage": one.stage, "clocks": clocks, "without_clock": unknown}


def _changing(change: Callable[[ObjectStore, Asked], Incident]) -> Callable[[Platform, Asked], Answer]:
    return lambda platform, asked: told(change(platform.open_store(), asked))


VERBS: dict[str, Callable[[Platform, Asked], Answer]] = {
    "list": listing,
    "show": show,
    "report": report,
    "ack": _changing(acknowledge),
    "contain": _changing(lambda store, asked: incident.contain(store, asked.incident, why=asked.why)),
    "recover": _changing(lambda store, asked: incident.recover(store, asked.incident, why=asked.why)),
    "close": _changing(lambda store, asked: incident.close(store, asked.incident, why=asked.why)),
    "note": _changing(lambda store, asked: incident.note(store, asked.incident, why=asked.why)),
    "breach": _changing(judge),
    "notify": _changing(notify),
    "bundle": bundle,
    "verify": verify,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m workloads.lib.incident", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    made = {verb: verbs.add_parser(verb) for verb in VERBS}
    for verb in made.keys() - {"list", "report", "verify"}:
        made[verb].add_argument("incident")
    for verb in made.keys() - {"list", "show", "bundle", "verify"}:
        made[verb].add_argument("--why", required=True)
    for verb in ("report", "ack"):
        made[verb].add_argument("--severity", choices=("", "critical", "major", "minor"), default="")
    made["list"].add_argument("--all", action="store_true")
    made["report"].add_argument("name")
    made["report"].add_argument("model")
    made["report"].add_argument("--kind", choices=KINDS, required=True)
    made["report"].add_argument("--personal", action="store_true")
    made["breach"].add_argument("found", choices=("yes", "no"))
    made["breach"].add_argument("--aware", default="")
    made["notify"].add_argument("regime")
    made["notify"].add_argument("--at", default="")
    made["notify"].add_argument("--exempt", action="store_true")
    made["bundle"].add_argument("--out", type=Path, required=True)
    made["verify"].add_argument("file", type=Path)
    made["verify"].add_argument("--key", type=Path)
    return parser


def _inside(opened: evidence.Opened) -> Answer:
    members = {name: {"digest": digest(data), "bytes": len(data)} for name, data in sorted(opened.members.items())}
    return {"members": members, "missing": opened.missing}


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise FalajError("INC-006", text[:60], "it is no instant") from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise FalajError("INC-010", str(file), f"it cannot be read: {error.strerror}") from error


def _write(file: Path, data: bytes) -> None:
    try:
        with file.open("xb") as out:
            out.write(data)
    except OSError as error:
        raise FalajError("INC-010", str(file), f"it cannot be written: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
