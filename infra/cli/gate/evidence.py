"""`falaj gate evidence`: what an auditor takes away."""

import time
from pathlib import Path

from infra.cli.output import OK, done, emit, guarded
from infra.errors import FalajError
from infra.judge import folder


def evidence(stack: str, out: Path | None, signer: str, key: Path | None, verify: bool, as_json: bool) -> int:
    """Make the bundle of a stack, or check one."""
    return guarded(
        as_json, lambda: _verify(Path(stack), as_json) if verify else _make(stack, out, signer, key, as_json)
    )


def _make(stack: str, out: Path | None, signer: str, key: Path | None, as_json: bool) -> int:
    from policies.gate import evidence as bundle

    if bool(signer) != bool(key):
        raise FalajError("GATE-021", "--as, --key", "one of the two is missing", "Give both, or neither.")
    file = (out or Path(f"evidence-{stack}-{time.strftime('%Y%m%d')}.zip")).resolve()
    manifest = bundle.collect(folder(), stack, file, (signer, key) if key else None)
    if as_json:
        emit({"ok": True, "file": str(file), **manifest})
    else:
        by = f"signed by {signer}" if signer else "not signed"
        done(f"{len(manifest['files'])} files in {file}, {by}; log head {manifest['head']}")
    return OK


def _verify(file: Path, as_json: bool) -> int:
    from policies.gate import evidence as bundle

    manifest = bundle.verify(file)
    if as_json:
        emit({"ok": True, "file": str(file), **manifest})
    else:
        by = f"signed by {manifest['signed_by']}" if manifest["signed_by"] else "not signed"
        done(f"{len(manifest['files'])} files of stack {manifest['stack']}, all as they were put in; {by}")
    return OK
