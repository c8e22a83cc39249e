"""`falaj gate sign`: one more signature on a waiver."""

from pathlib import Path

from infra.cli.output import OK, done, emit, guarded


def sign(waiver: Path, signer: str, key: Path, as_json: bool) -> int:
    """Add the signature at the file's end; the rest of the file stays as it is."""
    return guarded(as_json, lambda: _sign(waiver, signer, key, as_json))


def _sign(file: Path, signer: str, key: Path, as_json: bool) -> int:
    from policies.gate import waivers

    signed = waivers.add_signature(file, signer, key)
    by = [item.by for item in signed.signatures]
    if as_json:
        emit({"ok": True, "waiver": signed.id, "signed_by": by})
    else:
        done(f"{signed.id} is signed by {', '.join(by)}")
    return OK
