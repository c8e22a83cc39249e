# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""A table's digest by its content alone: the same rows give it, whatever their order, files, groups or encodings."""

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute

from workloads.lib.fingerprint import canonical

pc: Any = pyarrow.compute


def of_table(table: Any) -> str:
    """`sha256:…` of a `pyarrow.Table`: over names, types and the columns of the rows sorted by every column.

    Each column is hashed as which values are there, the values' bytes (a text's after its length), with one way to
    write what compares equal: one NaN, no negative zero, null as zero. Needs the rows in memory, twice.
    """
    table = pa.table({name: _plain(column) for name, column in zip(table.column_names, table.columns, strict=True)})
    if table.num_rows:
        table = table.take(pc.sort_indices(table, [(name, "ascending") for name in table.column_names]))
    kinds = [[field.name, str(field.type)] for field in table.schema]
    hashed = hashlib.sha256(canonical({"columns": kinds, "rows": table.num_rows}))
    for column in table.columns:
        for part in _bytes(column):
            hashed.update(part)
    return f"sha256:{hashed.hexdigest()}"


def _plain(column: Any) -> Any:
    """The column in one piece, with one value for all that compare equal."""
    column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    if pa.types.is_large_string(column.type) or pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
    if pa.types.is_floating(column.type):
        number = pc.add(column, 0.0)  # -0.0 + 0.0 is 0.0
        column = pc.if_else(pc.is_nan(number), pa.scalar(np.nan, number.type), number)
    return column


def _bytes(column: Any) -> list[Any]:
    column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    there = np.packbits(column.is_valid().to_numpy(zero_copy_only=False)).tobytes()
    if pa.types.is_string(column.type):
        texts = pc.fill_null(column, "")
        lengths = pc.binary_length(texts).to_numpy().astype("<i4").tobytes()
        return [there, lengths, "".join(texts.to_pylist()).encode()]
    numbers = pc.fill_null(column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column, 0)
    return [there, np.ascontiguousarray(numbers.to_numpy(zero_copy_only=False)).tobytes()]
