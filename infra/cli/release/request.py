"""`falaj release request`: ask for the release of a model."""

from infra.cli.ask import ask, option
from infra.cli.output import OK, done, emit, guarded
from infra.cli.release import verdict
from infra.errors import Exit


def request(workload: str, model: str, measure: bool, url: str, stack: str, as_json: bool) -> int:
    """Seal the request and show the verdict. Ends as the gate's deny does when it is one; the request stands."""
    return guarded(as_json, lambda: _request(workload, model, measure, url, stack, as_json))


def _request(workload: str, model: str, measure: bool, url: str, stack: str, as_json: bool) -> int:
    measured = "--measure" if measure or url else None
    found = ask("release", stack, "request", workload, model, measured, *option("--url", url))
    allowed = found["verdict"] == "allow"
    if as_json:
        emit({"ok": allowed, **found})
    else:
        verdict.show(found)
        done(f"{found['request']['author']} asks for the release of {found['request']['model']}")
    return OK if allowed else Exit.DENIED
