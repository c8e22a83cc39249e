"""`falaj gate report`: a decision, as others read it."""

import sys
from pathlib import Path

from infra.cli.output import OK, done, emit, guarded
from infra.errors import FalajError
from infra.judge import decision_log


def report(decision: str, stack: str, form: str, out: Path | None, as_json: bool) -> int:
    """Print or write the report; with `--json`, the record it is made from."""
    return guarded(as_json, lambda: _report(decision, stack, form, out, as_json))


def _report(name: str, stack: str, form: str, out: Path | None, as_json: bool) -> int:
    from policies.gate import history
    from policies.gate.reports.render import FORMATS

    if form not in FORMATS:
        raise FalajError("GATE-025", "--format", f"{form!r} is none of {', '.join(FORMATS)}", "Name one of them.")
    found = history.find(decision_log(), name, stack=stack)
    text = FORMATS[form]([found])
    if out:
        out.write_text(text, encoding="utf-8")
    if as_json:
        emit({"ok": True, "decision": found.model_dump(mode="json"), "file": str(out) if out else None})
    elif out:
        done(f"{form} report of decision {found.decision_id} written to {out}")
    else:
        sys.stdout.write(text)
    return OK
