"""The metrics of incidents: open ones, and the clocks that nobody has stopped."""

from datetime import timedelta

from tests.workloads.lib.incident.test_incident import NOW, opened
from workloads.lib.incident import incident
from workloads.lib.incident.metrics import of_incidents
from workloads.lib.monitor.exposition import METRICS, text
from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import Platform


def told(store: ObjectStore) -> dict[str, float]:
    samples = of_incidents(incident.every(store))
    assert {sample.name for sample in samples} <= METRICS.keys()
    return dict(line.rsplit(" ", 1) for line in text(samples).splitlines() if not line.startswith("#"))


def test_from_opening_to_the_end(platform: Platform, store: ObjectStore, models: list[str]) -> None:
    opened(platform, models[1])
    about = 'incident="m-1"'
    due = {
        f'falaj_model_incident_due_timestamp_seconds{{{about},regime="{name}",workload="m"}}'
        for name in ("difc", "gdpr", "pdpl")
    }
    assert due < told(store).keys()
    gdpr = f'falaj_model_incident_due_timestamp_seconds{{{about},regime="gdpr",workload="m"}}'
    assert float(told(store)[gdpr]) == (NOW + timedelta(hours=72)).timestamp()
    assert f'falaj_model_incident_open{{{about},severity="minor",stage="opened",workload="m"}}' in told(store)
    incident.notify(store, "m-1", "gdpr", why="case 3")
    incident.acknowledge(store, "m-1", why="x")
    assert gdpr not in told(store)
    assert f'falaj_model_incident_open{{{about},severity="minor",stage="acknowledged",workload="m"}}' in told(store)
    incident.judge(store, "m-1", "no", why="x")
    assert not due & told(store).keys()
    incident.contain(store, "m-1", why="x")
    incident.recover(store, "m-1", why="x")
    incident.close(store, "m-1", why="x")
    assert told(store) == {}
