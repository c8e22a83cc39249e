"""What Prometheus reads of models: one file in its text format (version 0.0.4), replaced as a whole.

    falaj_model_alarm_firing{workload="employment",alarm="data",kind="data",model="34b46f26c0de"} 1

`components/kubernetes/monitoring/rules/models.yaml` alerts on it. A textfile collector, or any web server, hands it on.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workloads.lib import durable
from workloads.lib.monitor.raised import Raised

METRICS = {
    "falaj_model_alarm_firing": "Whether an alarm of a model fires (1) or not (0).",
    "falaj_model_alarm_since_timestamp_seconds": "Since when an alarm is in its state.",
    "falaj_model_performance": "A figure of a model's quality in the last window, estimated or true.",
    "falaj_model_labels_waiting": "Answers whose outcome is not known yet.",
    "falaj_model_labels_oldest_seconds": "For how long the oldest of them has been waiting.",
    "falaj_model_labels_limit_seconds": "For how long they may wait.",
    "falaj_model_incident_open": "1 for each incident that is not closed.",
    "falaj_model_incident_opened_timestamp_seconds": "When it was opened.",
    "falaj_model_incident_due_timestamp_seconds": "By when an authority has to hear of it that was not told.",
    "falaj_model_metrics_written_timestamp_seconds": "When these metrics were written.",
    "falaj_model_metrics_every_seconds": "How often they are to be written.",
}
"""Every metric that may be written, with its help; all are gauges."""
FILE = "metrics.prom"


@dataclass(frozen=True)
class Sample:
    """One series and its value now."""

    name: str
    value: float
    labels: dict[str, str] = field(default_factory=dict[str, str])


def of_alarms(workload: str, alarms: Iterable[Raised]) -> list[Sample]:
    """The state of a workload's alarms."""
    samples: list[Sample] = []
    for alarm in alarms:
        labels = {"workload": workload, "alarm": alarm.name, "kind": alarm.kind, "model": short(alarm.model)}
        samples += [
            Sample("falaj_model_alarm_firing", float(alarm.state == "firing"), labels),
            Sample("falaj_model_alarm_since_timestamp_seconds", alarm.since.timestamp(), labels),
        ]
    return samples


def of_labels(workload: str, waiting: int, oldest: timedelta | None, limit: timedelta) -> list[Sample]:
    """How late labels are."""
    labels = {"workload": workload}
    return [
        Sample("falaj_model_labels_waiting", waiting, labels),
        Sample("falaj_model_labels_oldest_seconds", (oldest or timedelta(0)).total_seconds(), labels),
        Sample("falaj_model_labels_limit_seconds", limit.total_seconds(), labels),
    ]


def of_figure(workload: str, model: str, metric: str, value: float, *, estimated: bool) -> Sample:
    """A figure of quality; NaN is a value to Prometheus."""
    source = "estimated" if estimated else "true"
    labels = {"workload": workload, "model": short(model), "metric": metric, "source": source}
    return Sample("falaj_model_performance", value, labels)


def text(samples: Iterable[Sample]) -> str:
    """The samples by metric, each with its help and type. ValueError for an unknown metric or a series told twice."""
    by_name: dict[str, dict[str, float]] = {}
    for sample in samples:
        series = by_name.setdefault(sample.name, {})
        if sample.name not in METRICS or (key := _labels(sample.labels)) in series:
            raise ValueError(f"{sample.name} {sample.labels} is unknown, or told twice")
        series[key] = sample.value
    lines: list[str] = []
    for name in (name for name in METRICS if name in by_name):
        lines += [f"# HELP {name} {METRICS[name]}", f"# TYPE {name} gauge"]
        lines += [f"{name}{labels} {_number(value)}" for labels, value in sorted(by_name[name].items())]
    return "".join(f"{line}\n" for line in lines)


def write(path: Path, samples: Iterable[Sample], *, every: timedelta, now: datetime | None = None) -> None:
    """Replace the file: a reader sees the old or the new one. STO-007 when it cannot be written."""
    written = (now or datetime.now(UTC)).timestamp()
    about = [
        Sample("falaj_model_metrics_written_timestamp_seconds", written),
        Sample("falaj_model_metrics_every_seconds", every.total_seconds()),
    ]
    durable.write(path, text([*samples, *about]).encode())
    path.chmod(0o644)  # a collector is another user, and nothing in it is secret


def short(model: str) -> str:
    """As much of a digest as tells models apart on a dashboard."""
    return model.removeprefix("sha256:")[:12]


def _labels(labels: dict[str, str]) -> str:
    told = ",".join(f'{name}="{_escaped(value)}"' for name, value in sorted(labels.items()))
    return f"{{{told}}}" if told else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return "NaN" if math.isnan(value) else repr(float(value))
