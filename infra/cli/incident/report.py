"""`falaj incident report`: an incident that a person saw."""

from infra.cli.ask import ask, option
from infra.cli.incident.clock import tell
from infra.cli.output import guarded


def report(name: str, model: str, kind: str, why: str, personal: bool, severity: str, stack: str, as_json: bool) -> int:
    """Open it."""
    return guarded(as_json, lambda: _report(name, model, kind, why, personal, severity, stack, as_json))


def _report(
    name: str, model: str, kind: str, why: str, personal: bool, severity: str, stack: str, as_json: bool
) -> int:
    options = (*option("--severity", severity), *(("--personal",) if personal else ()))
    found = ask("incident", stack, "report", name, model, f"--kind={kind}", f"--why={why}", *options)
    return tell(found, f"{found['id']} is open, {found['severity']}", as_json)
