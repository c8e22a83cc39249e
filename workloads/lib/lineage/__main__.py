"""`python -m workloads.lib.lineage --platform FILE VERB …`: what `falaj lineage` asks, answered as JSON."""

import argparse
import sys
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from workloads.lib import command
from workloads.lib.lineage import log, subject
from workloads.lib.lineage.graph import page
from workloads.lib.lineage.query import Graph
from workloads.lib.platform import Platform

VERBS = ("list", "upstream", "downstream", "subject", "deliver")


def main() -> int:
    """Answer one verb."""
    parser = argparse.ArgumentParser(prog="python -m workloads.lib.lineage", description=__doc__)
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("node", nargs="?", default="")
    parser.add_argument("--html", type=Path)
    return command.run(parser, answer)


def answer(platform: Platform, asked: argparse.Namespace) -> dict[str, Any]:
    """The graph asked for, or for `deliver` how many events the collector got."""
    store = platform.open_store()
    if asked.verb == "deliver":
        if platform.lineage is None:
            raise FalajError("LIN-004", f"stack {platform.stack}", "its platform file names no collector")
        return {"url": platform.lineage.url, "sent": log.deliver(store, platform.lineage.url)}
    whole, about = Graph.of(log.events(store)), "Lineage"
    told: dict[str, Any]
    if asked.verb == "list":
        graph, told, start = whole, whole.as_dict(), frozenset[str]()
    elif asked.verb == "subject":
        found = subject.find(store, whole, asked.node)
        graph, told, start = found.reached, found.as_dict(), frozenset(found.rows)
        about = "What has rows of one person, and what was made from it"
    else:
        node = whole.find(asked.node)
        graph = whole.upstream(node.id) if asked.verb == "upstream" else whole.downstream(node.id)
        told, start, about = {"node": node.id, **graph.as_dict()}, frozenset({node.id}), f"{asked.verb} of {node.name}"
    if asked.html:
        _write(asked.html, page(graph, about.capitalize(), start))
    return told


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text)
    except OSError as error:
        raise FalajError("STO-007", str(file), f"the page was not written: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
