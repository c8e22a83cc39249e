# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A copy of scores outside the store: plain, for its owner alone, and never over a file that is there."""

import os
from pathlib import Path
from typing import Any

import pyarrow.csv
import pyarrow.parquet

from infra.errors import FalajError

WRITERS: dict[str, Any] = {".parquet": pyarrow.parquet.write_table, ".csv": pyarrow.csv.write_csv}


def require_room(out: Path) -> None:
    """WRK-021 when no copy can be written there, before anything is scored."""
    if out.suffix not in WRITERS:
        raise FalajError("WRK-021", str(out), f"it ends in {out.suffix!r}, a copy is {' or '.join(WRITERS)}")
    if out.exists():
        raise FalajError("WRK-021", str(out), "it is there already")
    if not out.parent.is_dir():
        raise FalajError("WRK-021", str(out), f"{out.parent} is no folder")


def write(out: Path, rows: Any) -> str:
    """Write the rows, mode 0600; the file's name. WRK-021 when it cannot be."""
    try:
        with os.fdopen(os.open(out, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as opened:
            WRITERS[out.suffix](rows, opened)
    except OSError as error:
        raise FalajError("WRK-021", str(out), f"it could not be written: {error.strerror or error}") from error
    return str(out)
