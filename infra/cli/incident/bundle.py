"""`falaj incident bundle` and `verify`: the evidence in one signed file."""

from pathlib import Path
from typing import Any

from infra.cli.ask import ask, option
from infra.cli.output import OK, done, emit, err, guarded, out


def bundle(incident: str, file: Path, stack: str, as_json: bool) -> int:
    """Write it."""
    arguments = ("bundle", incident, *option("--out", file.resolve()))
    return guarded(as_json, lambda: _show(stack, as_json, arguments, f"the evidence of {incident} is in {file}"))


def verify(file: Path, key: Path | None, stack: str, as_json: bool) -> int:
    """Check it."""
    arguments = ("verify", str(file.resolve()), *option("--key", key and key.resolve()))
    return guarded(as_json, lambda: _show(stack, as_json, arguments, f"{file} is as it was made"))


def _show(stack: str, as_json: bool, arguments: tuple[str, ...], ended: str) -> int:
    found: dict[str, Any] = ask("incident", stack, *arguments)
    if as_json:
        emit({"ok": True, **found})
        return OK
    for name, about in found["members"].items():
        out.print(f"  {about['bytes']:>10,}  {about['digest'][:19]}…  {name}", markup=False)
    for name, why in found["missing"].items():
        err.print(f"  could not be had: {name}: {why}", style="red", markup=False)
    done(f"{ended}; {found['digest']}, key {found['key']}")
    return OK
