"""Dashboards as data (`dashboards.yaml`), handed to Grafana as its JSON."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_WIDTH, _HEIGHT = 24, 8
_SOURCE = {"type": "prometheus", "uid": "prometheus"}


@cache
def dashboards() -> dict[str, dict[str, Any]]:
    """Grafana's model of each, by its id."""
    told: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text())
    return {uid: _dashboard(uid, **one) for uid, one in told.items()}


def _dashboard(
    uid: str, *, title: str, rows: list[list[dict[str, Any]]], variables: dict[str, str] | None = None
) -> dict[str, Any]:
    panels: list[dict[str, Any]] = []
    for down, row in enumerate(rows):
        width = _WIDTH // len(row)
        for right, panel in enumerate(row):
            place = {"x": right * width, "y": down * _HEIGHT, "w": width, "h": _HEIGHT}
            panels.append({**_panel(**panel), "id": len(panels) + 1, "gridPos": place})
    return {
        "uid": uid,
        "title": title,
        "tags": ["falaj"],
        "editable": False,
        "schemaVersion": 39,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "1m",
        "templating": {"list": [_variable(name, query) for name, query in (variables or {}).items()]},
        "panels": panels,
    }


def _panel(
    *, title: str, series: dict[str, str], kind: str = "timeseries", unit: str = "short", limit: float | None = None
) -> dict[str, Any]:
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    defaults: dict[str, Any] = {"unit": unit, "thresholds": {"mode": "absolute", "steps": steps}}
    if limit is not None:
        steps.append({"color": "red", "value": limit})
        defaults["custom"] = {"thresholdsStyle": {"mode": "line"}}
    return {
        "type": kind,
        "title": title,
        "datasource": _SOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + index), "datasource": _SOURCE, "expr": expr, "legendFormat": legend}
            for index, (legend, expr) in enumerate(series.items())
        ],
    }


def _variable(name: str, query: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "query",
        "datasource": _SOURCE,
        "query": {"query": query, "refId": name},
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "allValue": ".*",
        "current": {"text": "All", "value": "$__all"},
    }
