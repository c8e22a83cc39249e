"""`falaj gate verify-log`: whether the decision log is what was written."""

from pathlib import Path

from infra.cli.output import OK, done, emit, guarded
from infra.errors import FalajError
from infra.judge import decision_log


def verify_log(log: Path | None, head: str, as_json: bool) -> int:
    """Print the head: keep it where the log's owner cannot write, and give it back with `--head`."""
    return guarded(as_json, lambda: _verify(log or decision_log(), head, as_json))


def _verify(log: Path, text: str, as_json: bool) -> int:
    from policies.gate import record

    try:
        kept = record.Head.of_text(text) if text else None
    except ValueError as error:
        raise FalajError(
            "GATE-025", "--head", f"{text[:80]!r} is no head", "Give it as this command prints it."
        ) from error
    if not log.exists() and not kept and record.kept_head(log) is None:
        raise FalajError("GATE-025", str(log), "there is no decision log")
    head = record.verify(log, kept)
    if as_json:
        emit({"ok": True, "log": str(log), "records": head.records, "head": str(head)})
    else:
        done(f"{head.records:,} records, every one as it was written; head {head}")
    return OK
