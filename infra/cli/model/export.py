"""`falaj model export`: one model in one signed file."""

from pathlib import Path

from infra.cli.ask import ask, option
from infra.cli.output import OK, done, emit, guarded
from infra.errors import FalajError


def export(
    name: str, model: str, why: str, file: Path, passphrase: Path | None, plain: bool, stack: str, as_json: bool
) -> int:
    """Write the bundle; encrypted, unless plain is asked for."""
    return guarded(as_json, lambda: _export(name, model, why, file, passphrase, plain, stack, as_json))


def _export(
    name: str, model: str, why: str, file: Path, passphrase: Path | None, plain: bool, stack: str, as_json: bool
) -> int:
    if plain == (passphrase is not None):
        problem = "both are given" if plain else "neither is given"
        raise FalajError("REG-009", "--passphrase-file or --plain", problem, "Give one of them.")
    secret = option("--passphrase-file", passphrase and passphrase.resolve())
    told = (f"--why={why}", f"--out={file.resolve()}", *secret)
    found = ask("registry", stack, "export", name, model, *told)
    if as_json:
        emit({"ok": True, **found})
    else:
        how = "encrypted" if found["encrypted"] else "plain"
        done(f"{found['model']} is in {found['file']}, {found['bytes']:,} bytes, {how}; key {found['key']}")
    return OK
