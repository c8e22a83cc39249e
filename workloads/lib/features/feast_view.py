# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingImports=false
"""Our definitions as Feast's objects, so that who works with Feast can read the same features.

Feast is no part of the platform's environment: it comes with the extra `bench`. Its join is looser than ours: give
`filter_by_created_timestamp=True` to `get_historical_features`, else it uses what was not known yet, and use its DuckDB
store, since the default one loses rows.
"""

from pathlib import Path
from typing import Any

from workloads.lib.features.definition import FeatureView, Kind

_TYPES: dict[Kind, str] = {"integer": "Int64", "number": "Float64", "text": "String", "boolean": "Bool"}


def to_feast(view: FeatureView, parquet: Path, key_kinds: dict[str, Kind]) -> tuple[list[Any], Any]:
    """(entities, feature view) on a Parquet file; `key_kinds` says which keys are `integer` and which `text`.

    For `FeatureStore.apply([*entities, feature_view])`. The version of our definition is the tag `digest`.
    """
    import feast
    from feast import types

    entities = [
        feast.Entity(name=name, join_keys=[name], value_type=feast.ValueType[_TYPES[key_kinds[name]].upper()])
        for name in view.keys
    ]
    source = feast.FileSource(
        name=view.source,
        path=str(parquet),
        timestamp_field=view.event_time,
        created_timestamp_column=view.known_at or "",
    )
    fields = [
        feast.Field(name=f.name, dtype=getattr(types, _TYPES[f.kind]), description=f.description) for f in view.features
    ]
    feature_view = feast.FeatureView(
        name=view.name,
        entities=entities,
        ttl=view.ttl,
        schema=fields,
        source=source,
        description=view.description,
        owner=view.owner,
        tags={"digest": view.digest},
    )
    return entities, feature_view
