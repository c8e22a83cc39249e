"""`falaj model import`: a model out of a bundle."""

from pathlib import Path

from infra.cli.ask import ask, option
from infra.cli.output import OK, done, emit, guarded


def bring(file: Path, why: str, key: Path | None, passphrase: Path | None, stack: str, as_json: bool) -> int:
    """Check all of it, then add its model."""
    return guarded(as_json, lambda: _bring(file, why, key, passphrase, stack, as_json))


def _bring(file: Path, why: str, key: Path | None, passphrase: Path | None, stack: str, as_json: bool) -> int:
    given = (
        *option("--key", key and key.resolve()),
        *option("--passphrase-file", passphrase and passphrase.resolve()),
    )
    found = ask("registry", stack, "import", str(file.resolve()), f"--why={why}", *given)
    if as_json:
        emit({"ok": True, **found})
    else:
        done(f"{found['name']} {found['model']} is here, as signed by key {found['key']}; no alias points at it")
    return OK
