"""The metrics file: as promtool reads it, replaced as a whole, and of names that alerts are about."""

import math
import subprocess
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from tests.workloads.lib.monitor.test_react import NEW, NOW, OLD, alarm
from workloads.lib.monitor.exposition import METRICS, Sample, of_alarms, of_figure, of_labels, text, write

HOUR = timedelta(hours=1)


def read(exposed: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = text_string_to_metric_families(exposed)
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def test_promtool_finds_nothing_to_say_about_it(tmp_path: Path) -> None:
    samples = [
        *of_alarms("employment", [alarm("data"), alarm("performance", state="resolved"), alarm("data", model=NEW)]),
        *of_labels("employment", 70131, timedelta(days=400), timedelta(days=365)),
        of_figure("employment", OLD, "auc", 0.9031, estimated=True),
    ]
    file = tmp_path / "metrics.prom"
    write(file, samples, every=HOUR, now=NOW)
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=file.read_text(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    found = read(file.read_text())
    label = {"alarm": "data", "kind": "data", "model": "1" * 12, "workload": "employment"}
    assert found["falaj_model_alarm_firing", tuple(sorted(label.items()))] == 1
    assert found["falaj_model_labels_oldest_seconds", (("workload", "employment"),)] == 400 * 86400
    assert found["falaj_model_metrics_written_timestamp_seconds", ()] == NOW.timestamp()
    assert (file.stat().st_mode & 0o777, list(tmp_path.iterdir())) == (0o644, [file])


@given(
    values=st.dictionaries(st.text(max_size=8), st.floats(), max_size=6),
    name=st.sampled_from(sorted(METRICS)),
)
def test_any_label_and_any_number_comes_back_as_it_was(values: dict[str, float], name: str) -> None:
    found = read(text(Sample(name, value, {"alarm": label, "b": "x"}) for label, value in values.items()))
    assert len(found) == len(values)
    for label, value in values.items():
        back = found[name, (("alarm", label), ("b", "x"))]
        assert back == value or (math.isnan(back) and math.isnan(value))


def test_a_series_is_told_once_and_is_one_we_know() -> None:
    one = Sample("falaj_model_incident_open", 1, {"a": "b"})
    for wrong in ([one, one], [Sample("falaj_model_else", 1)]):
        with pytest.raises(ValueError, match="unknown, or told twice"):
            text(wrong)
    assert text([]) == ""


def test_nobody_waits_for_a_label() -> None:
    assert [one.value for one in of_labels("m", 0, None, HOUR)] == [0, 0, 3600]


def test_what_the_rules_of_prometheus_read_is_written() -> None:
    """Names only: components know nothing of workloads."""
    known = tomllib.loads(Path("components/kubernetes/monitoring/metrics.toml").read_text())
    assert set(known["models"]["names"]) <= METRICS.keys()
