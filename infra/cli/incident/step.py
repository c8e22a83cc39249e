"""`falaj incident ack`, `contain`, `recover`, `close`, `note`, `breach` and `notify`: a step of an incident."""

from infra.cli.ask import ask, option
from infra.cli.incident.clock import tell
from infra.cli.output import guarded


def step(verb: str, incident: str, stack: str, as_json: bool, *more: str, why: str, **options: str | bool) -> int:
    """Write it into the incident's log."""
    arguments = [incident, *more, f"--why={why}", *(one for named in options.items() for one in _option(*named))]
    return guarded(as_json, lambda: _step(verb, arguments, stack, as_json))


def _step(verb: str, arguments: list[str], stack: str, as_json: bool) -> int:
    found = ask("incident", stack, verb, *arguments)
    return tell(found, f"{found['id']}: {verb}; it is {found['stage']}, {found['severity']}", as_json)


def _option(name: str, value: str | bool) -> tuple[str, ...]:
    return ((f"--{name}",) if value else ()) if isinstance(value, bool) else option(f"--{name}", value)
