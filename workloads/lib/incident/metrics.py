"""What Prometheus reads of incidents: those that are open, and by when authorities have to hear of them."""

from collections.abc import Iterable

from workloads.lib.incident.incident import clocks
from workloads.lib.incident.log import Incident
from workloads.lib.monitor.exposition import Sample


def of_incidents(incidents: Iterable[Incident]) -> list[Sample]:
    """Of every incident that is not closed; of its clocks those that nobody has stopped."""
    samples: list[Sample] = []
    for one in incidents:
        if one.closed:
            continue
        about = {"workload": one.name, "incident": one.id}
        state = about | {"severity": one.severity, "stage": one.stage}
        samples.append(Sample("falaj_model_incident_open", 1, state))
        samples.append(Sample("falaj_model_incident_opened_timestamp_seconds", one.opened.timestamp(), about))
        for clock in clocks(one):
            if not clock.notified:
                due = clock.due.timestamp()
                samples.append(
                    Sample("falaj_model_incident_due_timestamp_seconds", due, about | {"regime": clock.regime})
                )
    return samples
