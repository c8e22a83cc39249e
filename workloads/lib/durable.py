"""Write a file so that a crash leaves the old content or the new one, never a mixture."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from infra.errors import FalajError


def write(path: Path, data: bytes, *, once: bool = False, scratch: Path | None = None) -> None:
    """Replace `path` with `data` (mode 0600): temporary file, fsync, rename, fsync of the folder.

    once: raise FileExistsError when `path` exists, without a race. scratch: folder for the temporary file, on the
    same file system; the target's own folder by default. A refused write (full disk, no right) leaves nothing
    behind and is STO-007.
    """
    temporary = (scratch or path.parent) / f".{secrets.token_hex(8)}.tmp"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if once:
            os.link(temporary, path)  # unlike a rename, a link never replaces
            temporary.unlink()
        else:
            temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        if once and isinstance(error, FileExistsError):
            raise
        raise FalajError("STO-007", str(path), f"{len(data)} bytes were not written: {error.strerror}") from error


def sync_folder(folder: Path) -> None:
    """Make the folder's entries (a rename, a link, a deletion) survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
