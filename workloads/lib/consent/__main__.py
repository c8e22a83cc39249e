"""`python -m workloads.lib.consent --platform FILE VERB …`: what `falaj consent` asks, answered as JSON."""

import argparse
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workloads.lib import command
from workloads.lib.consent.ledger import Ledger
from workloads.lib.consent.record import entry, read, record
from workloads.lib.consent.select import granted
from workloads.lib.platform import Platform

Asked = argparse.Namespace
Answer = dict[str, Any]


def main() -> int:
    """Answer one verb."""
    parser = argparse.ArgumentParser(prog="python -m workloads.lib.consent", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    made = {verb: verbs.add_parser(verb) for verb in VERBS}
    made["record"].add_argument("file", type=Path)
    for verb in ("granted", "withdrawn", "show", "erasure"):
        made[verb].add_argument("subject")
    for verb in ("granted", "withdrawn"):
        made[verb].add_argument("purpose")
        made[verb].add_argument("--at", default="")
    return command.run(parser, lambda platform, asked: VERBS[asked.verb](platform, asked))


def status(platform: Platform, _: Asked) -> Answer:
    """What holds now by purpose, and the head of the chain, which was checked."""
    now = datetime.now(UTC)
    entries, head = Ledger(platform.open_store()).read()
    purposes: dict[str, Answer] = {}
    for purpose, number in sorted(Counter(one.purpose for one in entries).items()):
        persons = {one.subject for one in entries if one.purpose == purpose}
        holds = len(granted(entries, purpose, now, now))
        purposes[purpose] = {"entries": number, "persons": len(persons), "granted": holds}
    return {"purposes": purposes, "head": head}


def show(platform: Platform, asked: Asked) -> Answer:
    """What one person said, and what holds now."""
    now = datetime.now(UTC)
    entries = [one for one in Ledger(platform.open_store()).entries() if one.subject == asked.subject]
    purposes = sorted({one.purpose for one in entries})
    holds = {purpose: bool(granted(entries, purpose, now, now)) for purpose in purposes}
    return {"granted": holds, "entries": [one.as_dict() for one in entries]}


def take(platform: Platform, asked: Asked) -> Answer:
    """A file of entries, all or none."""
    entries = read(asked.file, datetime.now(UTC))
    ledger = Ledger(platform.open_store())
    return {"entries": len(entries), "recorded": record(ledger, entries), "head": ledger.head()}


def say(platform: Platform, asked: Asked) -> Answer:
    """One entry, of now unless it says since when."""
    now, ledger = datetime.now(UTC), Ledger(platform.open_store())
    said = entry(asked.subject, asked.purpose, asked.verb, asked.at or now.isoformat(), now)
    recorded = record(ledger, [said])
    entries, head = ledger.read()
    known = sum(one.purpose == said.purpose for one in entries) > recorded
    return {"recorded": recorded, "at": said.as_dict()["at"], "known": known, "head": head}


def erasure(platform: Platform, asked: Asked) -> Answer:
    """What would have to go for a person."""
    from workloads.lib.consent.erasure import erasure
    from workloads.lib.lineage import log
    from workloads.lib.lineage.query import Graph

    store = platform.open_store()
    told = erasure(store, Graph.of(log.events(store)), asked.subject).as_dict()
    return {name: value for name, value in told.items() if name != "subject"}


VERBS = {"status": status, "show": show, "record": take, "granted": say, "withdrawn": say, "erasure": erasure}


if __name__ == "__main__":
    sys.exit(main())
