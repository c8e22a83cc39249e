# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportAttributeAccessIssue=false
"""Batch scoring: a table of the lake through a registered model on Ray Data, into a table of scores.

A score stands beside its row's key and its model's digest. A run that was killed goes on: what has a score of that
model is not scored again.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from infra.errors import FalajError
from workloads.lib.data.column import Column, Schema
from workloads.lib.data.table import Lake, TableVersion
from workloads.lib.platform import Platform
from workloads.lib.registry import Registry
from workloads.lib.serve.scorer import Scorer

MODEL, FEATURES, PREDICTION = "model", "features", "prediction"
BATCH_ROWS = 4096
COMMIT_ROWS = 250_000


def score(
    platform_file: Path, name: str, model: str, table: TableVersion, workers: int = 1, commit_rows: int = COMMIT_ROWS
) -> int:
    """Score every row that this model has not scored yet, on the connected Ray; how many those were.

    The scores are in the lake's table `<table>_scores`: key, model, features, prediction (null when it is no number).
    SRV-002 the model cannot be served, SRV-008 the table is not one of its kind, DAT-007 the table is another than was
    written down.
    """
    import ray

    store = Platform.load(platform_file).open_store()
    lake, scorer = Lake(store), Scorer(Registry(store).load(name, model))
    schema = lake.schema(table.table)
    key, scores = _key(schema, scorer), _scores(schema)
    lake.create(scores)
    done = lake.read(scores.name, columns=(key,), where=f"{MODEL} = '{model}'")[key]
    rows = lake.read(table)
    asked = dict.fromkeys((key, *scorer.transform.names))  # a column may be a number and a cycle
    left = rows.filter(pc.invert(pc.is_in(rows[key], done))).select([*asked])
    if not left.num_rows:
        return 0
    arguments = (str(platform_file), name, model, key)
    scored = ray.data.from_arrow(left.combine_chunks()).map_batches(
        _Worker,
        batch_size=BATCH_ROWS,
        batch_format="pyarrow",
        fn_constructor_args=arguments,
        compute=ray.data.ActorPoolStrategy(size=workers),
    )
    try:
        for piece in scored.iter_batches(batch_size=commit_rows, batch_format="pyarrow"):
            lake.append(scores.name, piece, note={MODEL: model, "of": f"{table.table}@{table.snapshot}"})
    except Exception as error:  # ray wraps what an actor raised, and its class does not survive
        raise FalajError.from_text(str(error)) or error from error
    return left.num_rows


def scores_in(table: str) -> str:
    """The table of the scores of a table's rows."""
    return f"{table}_scores"


def scores_of(lake: Lake, table: str, model: str) -> Any:
    """The scores that a model gave rows of the table: a `pyarrow.Table`."""
    return lake.read(scores_in(table), where=f"{MODEL} = '{model}'")


class _Worker:
    """The model in an actor of Ray Data; it opens the store itself, so that no weights travel in plain text."""

    def __init__(self, platform_file: str, name: str, model: str, key: str) -> None:
        store = Platform.load(Path(platform_file)).open_store()
        self.scorer, self.key = Scorer(Registry(store).load(name, model)), key

    def __call__(self, batch: Any) -> Any:
        columns: Mapping[str, Any] = {name: batch[name] for name in self.scorer.transform.names}
        rows = batch.num_rows
        return pa.table(
            {
                self.key: batch[self.key],
                MODEL: pa.repeat(self.scorer.model, rows),
                FEATURES: pa.repeat(self.scorer.features, rows),
                PREDICTION: pa.array(self.scorer.columns(columns), from_pandas=True),
            }
        )


def _key(schema: Schema, scorer: Scorer) -> str:
    if len(schema.key) != 1:
        raise FalajError("SRV-008", f"table {schema.name}", f"its key is {schema.key}, resuming needs one column")
    if missing := [name for name in scorer.transform.names if name not in schema.names]:
        raise FalajError("SRV-008", f"table {schema.name}", f"it has no column {', '.join(missing)}")
    return schema.key[0]


def _scores(schema: Schema) -> Schema:
    key = schema[schema.key[0]]
    said = (
        Column(MODEL, "Digest of the model", "text"),
        Column(FEATURES, "Version of its features", "text"),
        Column(PREDICTION, "Probability or value", "number", nullable=True),
    )
    return Schema(
        scores_in(schema.name),
        (key, *said),
        key=(key.name, MODEL),
        subject=key.name if schema.subject == key.name else None,
    )
