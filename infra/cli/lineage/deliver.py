"""`falaj lineage deliver`: events to the collector."""

from infra.cli.ask import ask
from infra.cli.output import OK, done, emit, guarded


def deliver(stack: str, as_json: bool) -> int:
    """Send what it has not got."""
    return guarded(as_json, lambda: _deliver(stack, as_json))


def _deliver(stack: str, as_json: bool) -> int:
    found = ask("lineage", stack, "deliver")
    if as_json:
        emit({"ok": True, **found})
    else:
        done(f"{found['sent']} events went to {found['url']}")
    return OK
