"""`falaj model key`: the public key of a registry."""

from pathlib import Path

from infra.cli.ask import ask
from infra.cli.output import OK, done, emit, guarded, out


def key(file: Path | None, stack: str, as_json: bool) -> int:
    """Print it, or write it to a file."""
    return guarded(as_json, lambda: _key(file, stack, as_json))


def _key(file: Path | None, stack: str, as_json: bool) -> int:
    found = ask("registry", stack, "key")
    if file:
        file.write_text(found["public"])
    if as_json:
        emit({"ok": True, **found})
    elif file:
        done(f"{file}: {found['digest']}")
    else:
        out.print(found["public"].strip(), markup=False)
    return OK
