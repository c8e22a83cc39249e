"""Watts, PUE and CO2 of the recording rules are those by which `falaj plan` reckons."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.kubernetes.monitoring.rule_files import Machine, Region, rule_files
from infra.catalog.aws.instance import instances
from infra.catalog.aws.region import regions

H200, PLAIN = instances()["p5en.48xlarge"], instances()["m7i.xlarge"]
MACHINES = {
    one.type: Machine(watts=one.watts, gpu_watts=one.gpus * one.gpu.watts if one.gpu else 0) for one in (H200, PLAIN)
}


def node(name: str, instance_type: str, **labels: str) -> dict[str, str]:
    told = {"node": name, "label_node_kubernetes_io_instance_type": instance_type, **labels}
    return {
        "series": f"kube_node_labels{{{', '.join(f'{key}={value!r}' for key, value in told.items())}}}",
        "values": "1",
    }


def holds(
    folder: Path, region: Region, series: list[dict[str, str]], expected: dict[str, list[dict[str, Any]]]
) -> None:
    """Raise unless promtool finds the expected samples of each question."""
    files = {name: text for name, text in rule_files(region).items() if name in ("catalogue.yaml", "power.yaml")}
    for name, text in files.items():
        (folder / name).write_text(text)
    asked = [{"expr": expr, "eval_time": "3m", "exp_samples": samples} for expr, samples in expected.items()]
    test = {"interval": "1m", "input_series": series, "promql_expr_test": asked}
    told = {"rule_files": list(files), "fuzzy_compare": True, "tests": [test]}
    (folder / "test.yaml").write_text(yaml.safe_dump(told))
    done = subprocess.run(
        ["promtool", "test", "rules", folder / "test.yaml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def one(value: float, **labels: str) -> list[dict[str, Any]]:
    told = ", ".join(f'{key}="{text}"' for key, text in labels.items())
    return [{"labels": f"{{{told}}}", "value": value}]


@pytest.mark.parametrize("name", regions())
def test_without_measurements_it_is_the_plan_s_estimate(name: str, tmp_path: Path) -> None:
    energy = regions()[name].energy
    watts = H200.watts + 2 * PLAIN.watts
    series = [node("a", H200.type), node("b", PLAIN.type), node("c", PLAIN.type)]
    expected = {
        "sum(falaj:it_watts)": one(watts),
        "sum(falaj:facility_watts)": one(energy.facility(watts)),
        "sum(falaj:carbon_grams_per_hour)": one(energy.carbon(watts)),
    }
    holds(tmp_path, Region(machines=MACHINES, pue=energy.pue, grid=energy.grid), series, expected)


def test_gpus_count_as_measured_once_each_and_the_rest_by_the_catalogue(tmp_path: Path) -> None:
    measured = [
        {"series": f'DCGM_FI_DEV_POWER_USAGE{{node="a", UUID="{gpu}", GPU_I_ID="{instance}"}}', "values": "300x5"}
        for gpu in ("x", "y")
        for instance in ("1", "2")
    ]
    rest = MACHINES[H200.type].watts - MACHINES[H200.type].gpu_watts
    expected = {'sum(falaj:node_watts{node="a"})': one(rest + 600), "count(falaj:node_watts)": one(1)}
    series = [{**node("a", H200.type), "values": "1x5"}, *measured]
    holds(tmp_path, Region(machines=MACHINES, pue=1, grid=1), series, expected)


def test_a_rack_is_the_node_s_own_label_or_its_pool_in_its_zone(tmp_path: Path) -> None:
    zone = {"label_topology_kubernetes_io_zone": "me-central-1a", "label_falaj_io_pool": "cpu"}
    series = [
        node("a", PLAIN.type, **zone),
        node("b", PLAIN.type, **zone),
        node("c", PLAIN.type, label_falaj_io_rack="r7"),
    ]
    expected = {
        'sum by (rack) (falaj:rack_watts{zone="me-central-1a"})': one(2 * PLAIN.watts, rack="me-central-1a/cpu"),
        'sum by (rack) (falaj:rack_watts{zone=""})': one(PLAIN.watts, rack="r7"),
    }
    holds(tmp_path, Region(machines=MACHINES, pue=1, grid=1), series, expected)
