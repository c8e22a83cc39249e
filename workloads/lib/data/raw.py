# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Raw rows: what a file holds, as texts, in batches of bounded size and in the same order each time.

A text says what was delivered: nothing is guessed from the first rows, and a value that is no number can be shown to
whoever delivered it. Numbers become the shortest text that reads back as the same number.
"""

import json
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePosixPath
from typing import IO, Any

import pyarrow as pa
from pyarrow import csv, parquet

from infra.errors import FalajError

BLOCK_BYTES = 8 << 20
BATCH_ROWS = 65_536
HEAD_BYTES = 1 << 20
Rows = Any
"""A `pyarrow.Table` of nullable texts."""


def read(file: IO[bytes], name: str, nulls: tuple[str, ...]) -> Iterator[Rows]:
    """The rows of an open file, by its name's endings: csv, jsonl, ndjson, parquet, pq; each also as .gz or .zip.

    nulls: the texts that stand for no value in a CSV file. DAT-008 when the file is not what its name says.
    """
    try:
        yield from _opened(file, name, nulls)
    except FalajError:
        raise
    except Exception as error:  # three libraries raise many kinds, all of which mean that it is no such file
        said = (str(error).splitlines() or [""])[0]
        raise FalajError("DAT-008", name, said or f"it cannot be read: {type(error).__name__}") from error


def _opened(file: Any, name: str, nulls: tuple[str, ...]) -> Iterator[Rows]:
    ending = PurePosixPath(name).suffix.lower()
    if ending == ".zip":
        yield from _zipped(file, name, nulls)
    elif ending == ".gz":
        yield from _opened(
            pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "gzip"), PurePosixPath(name).stem, nulls
        )
    elif ending == ".csv":
        yield from _csv(file, nulls)
    elif ending in (".jsonl", ".ndjson"):
        yield from _json(file, name)
    elif ending in (".parquet", ".pq"):
        yield from _parquet(file)
    else:
        raise FalajError("DAT-008", name, "its name does not end in .csv, .jsonl or .parquet")


def as_text(table: Rows) -> Rows:
    """A table of plain types as texts. Instants keep their zone's mark (`Z` for UTC), or have none as they were."""
    return pa.table({name: _text(name, table[name]) for name in table.column_names})


def _text(name: str, column: Any) -> Any:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        raise FalajError("DAT-008", f"column {name}", f"a {kind} is no plain value: spread it over columns first")
    if pa.types.is_null(kind):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        column = column.cast(pa.timestamp(kind.unit, "UTC"))
    return column.cast(pa.string())


def _zipped(file: Any, name: str, nulls: tuple[str, ...]) -> Iterator[Rows]:
    with zipfile.ZipFile(file) as archive:
        inside = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        if len(inside) != 1:
            raise FalajError("DAT-008", name, f"it is to hold one file, it holds {', '.join(inside) or 'none'}")
        with archive.open(inside[0]) as member:
            yield from _opened(member, inside[0], nulls)


def _csv(file: Any, nulls: tuple[str, ...]) -> Iterator[Rows]:
    """Every column as text. (pyarrow wants their names for that: they are the first line.)"""
    peeked = _Peeked(file)
    names = csv.open_csv(pa.py_buffer(peeked.line)).schema.names
    convert = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), null_values=list(nulls), strings_can_be_null=True
    )
    for batch in csv.open_csv(peeked, csv.ReadOptions(block_size=BLOCK_BYTES), convert_options=convert):
        yield pa.Table.from_batches([batch])


def _json(file: Any, name: str) -> Iterator[Rows]:
    """One object a line; a number stays the text it is. A key that is not in a line has no value there."""
    lines = enumerate(_lines(file), start=1)
    while found := list(islice(lines, BATCH_ROWS)):
        rows = [_object(line, f"{name}:{number}") for number, line in found if line.strip()]
        names = dict.fromkeys(key for row in rows for key in row)
        yield pa.table({key: pa.array([row.get(key) for row in rows], pa.string()) for key in names})


def _lines(file: Any) -> Iterator[bytes]:
    rest = b""
    while block := file.read(BLOCK_BYTES):
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
        if len(rest) > BLOCK_BYTES:
            raise ValueError(f"a line has more than {BLOCK_BYTES:,} bytes")
    yield rest


def _object(line: bytes, place: str) -> dict[str, str | None]:
    try:
        row: dict[str, Any] = json.loads(line, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise FalajError("DAT-008", place, f"the line is no JSON: {error}") from error
    if not isinstance(row, dict) or any(isinstance(value, dict | list) for value in row.values()):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise FalajError("DAT-008", place, "the line is to be an object of plain values")
    return {key: str(value).lower() if isinstance(value, bool) else value for key, value in row.items()}


def _parquet(file: Any) -> Iterator[Rows]:
    for batch in parquet.ParquetFile(file).iter_batches(BATCH_ROWS):
        yield as_text(pa.Table.from_batches([batch]))


class _Peeked:
    """A stream whose first line was looked at."""

    closed = False

    def __init__(self, file: Any) -> None:
        self._file = file
        start = b""
        while b"\n" not in start and (more := file.read(4096)):
            start += more
            if len(start) > HEAD_BYTES:
                raise ValueError(f"its first line has more than {HEAD_BYTES:,} bytes")
        self.line = start.partition(b"\n")[0] + b"\n"
        self._start = start

    def read(self, size: int = -1) -> bytes:
        if self._start:
            size = len(self._start) if size < 0 else size
            given, self._start = self._start[:size], self._start[size:]
            return given
        return self._file.read(size)

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self.closed = True
