"""An auditor's bundle: the log, what was asked, rules, controls, waivers and approvals, with the digest of each.

The digests stand in MANIFEST.json, which may be signed by one of signers.yaml; `verify` needs nothing but the file.
"""

import hashlib
import json
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from policies.gate import bundle, controls, documents, history, params, record, sign, waivers

_MANIFEST = "MANIFEST.json"
_SIGNATURE = "MANIFEST.sig.json"
_LOG = "decisions.jsonl"
_GROWTH, _ALWAYS = 100, 16 << 20
_DAMAGED = (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error, struct.error)
_MISSHAPEN = (LookupError, TypeError, ValueError, AttributeError)
"""What reading a zip, and a manifest, that was tampered with can end in."""


def collect(folder: Path, stack: str, out: Path, signer: tuple[str, Path] | None = None) -> dict[str, Any]:
    """Write the bundle of a stack; its manifest. The log is there whole: a chain with parts left out proves nothing.

    Raises GATE-015 when the log or a question does not hold, GATE-025 when there is no decision about the stack.
    """
    kept = folder / _LOG
    record.verify(kept)
    asked = {item.input_digest for item in history.decisions(kept) if item.stack == stack and item.input_digest}
    if not asked:
        raise FalajError("GATE-025", str(kept), f"there is no decision about stack {stack!r}")
    with tempfile.TemporaryDirectory(dir=out.parent) as scratch:
        working, log = Path(scratch) / f"{out.name}.part", Path(scratch) / _LOG
        shutil.copyfile(kept, log)  # others go on writing to the one that is kept
        head = record.verify(log)
        with zipfile.ZipFile(working, "w", zipfile.ZIP_DEFLATED) as archive:
            files = {name: _add(archive, name, path) for name, path in _files(folder, log, asked)}
            manifest = {
                "schema": 1,
                "stack": stack,
                "made": datetime.now(UTC).isoformat(timespec="seconds"),
                "head": str(head),
                "bundle": bundle.digest(),
                "files": files,
            }
            archive.writestr(_MANIFEST, json.dumps(manifest, indent=1, sort_keys=True))
            if signer:
                signature = sign.sign("evidence", manifest, *signer)
                sign.verify("evidence", manifest, signature, sign.signers(waivers.folder()), "evidence")
                archive.writestr(_SIGNATURE, signature.model_dump_json(indent=1))
        working.replace(out)
    return {**manifest, "signed_by": signer[0] if signer else None}


def verify(path: Path) -> dict[str, Any]:
    """The manifest, when every file is what it says, the log's chain holds and the signature, if any, too.

    Raises GATE-015 for what was changed, GATE-021 for a signature that does not hold.
    """
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as scratch:
            _require_bounds(path, archive)
            manifest: dict[str, Any] = json.loads(archive.read(_MANIFEST))
            signed = _SIGNATURE in archive.namelist()
            extra = {_MANIFEST, _SIGNATURE} if signed else {_MANIFEST}
            if sorted(archive.namelist()) != sorted({*manifest["files"], *extra}):
                raise FalajError("GATE-015", path.name, "it has other files than its manifest names")
            for name, stated in manifest["files"].items():
                if _digest(archive.read(name)) != stated:
                    raise FalajError("GATE-015", f"{path.name}:{name}", f"it is not {stated}")
            log = Path(archive.extract(_LOG, scratch))
            if (head := str(record.verify(log))) != manifest["head"]:
                raise FalajError("GATE-015", path.name, f"the log's head is {head}, its manifest says otherwise")
            by = None
            if signed:
                signature = sign.Signature.model_validate_json(archive.read(_SIGNATURE))
                by = sign.verify("evidence", manifest, signature, sign.signers(waivers.folder()), path.name).id
    except (*_DAMAGED, *_MISSHAPEN) as error:
        raise FalajError("GATE-015", path.name, f"it is no evidence bundle: {type(error).__name__}") from error
    return {**manifest, "signed_by": by}


def _require_bounds(path: Path, archive: zipfile.ZipFile) -> None:
    """Decisions shrink to a twentieth or so; what states much more than that is there to fill the memory."""
    stated, most = sum(entry.file_size for entry in archive.infolist()), _GROWTH * path.stat().st_size + _ALWAYS
    if stated > most:
        raise FalajError("GATE-015", path.name, f"its files state {stated:,} bytes, {most:,} are the most")


def _files(folder: Path, log: Path, asked: set[str]) -> Iterator[tuple[str, Path]]:
    """What goes in. Questions about one resource are not kept, so of those there is none."""
    yield _LOG, log
    for digest in sorted(asked):
        file = folder / "documents" / f"{digest.removeprefix('sha256:')}.json.gz"
        if file.exists():
            documents.read(folder, digest)
            yield f"documents/{file.name}", file
    for name, root, pattern in (
        ("rules", bundle.REGO, "*.rego"),
        ("controls", controls.FOLDER, "*.yaml"),
        ("params", params.FOLDER, "*.yaml"),
        ("waivers", waivers.folder(), "*.yaml"),
        ("approvals", folder / "approvals", "*.json"),
    ):
        for file in sorted(root.rglob(pattern)):
            yield f"{name}/{file.relative_to(root).as_posix()}", file


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    content = path.read_bytes()
    archive.writestr(name, content)
    return _digest(content)


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
