"""Dashboards and rules ask for metrics that somebody tells."""

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.kubernetes.monitoring import rule_files
from components.kubernetes.monitoring.dashboards import dashboards

FOLDER = Path(rule_files.__file__).parent
KNOWN: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "metrics.toml").read_text())
REGION = rule_files.Region(
    machines={"p5en.48xlarge": rule_files.Machine(watts=7000, gpu_watts=5600)},
    pue=1.3,
    grid=400,
    node_budget={"h200": 8000},
    rack_budget=40000,
    budgets={"ray": 1000},
)
RULES = [
    rule
    for text in rule_files.rule_files(REGION).values()
    for group in yaml.safe_load(text)["groups"]
    for rule in group["rules"]
]
_WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan"}


def metrics(promql: str) -> set[str]:
    """The names of metrics in a question: what is neither text, label, number, function nor keyword."""
    bare = re.sub(r'"[^"]*"|\'[^\']*\'', "", promql)
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]", "", bare)
    bare = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", "", bare)
    named = re.findall(r"(?<![\w:.])([A-Za-z_:][\w:]*)(?!\s*\(|[\w:])", bare)
    return set(named) - _WORDS


def asked(board: dict[str, Any]) -> list[str]:
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


BOARDS = dashboards()
QUESTIONS = [expr for board in BOARDS.values() for expr in asked(board)]
USED = set().union(*map(metrics, [*(rule["expr"] for rule in RULES), *QUESTIONS]))


@pytest.mark.parametrize(
    ("promql", "names"),
    [
        (
            'sum by (a) (rate(x_total{b="c d"}[5m])) / on (a) group_left (e) falaj:y:rate > 1e9',
            {"x_total", "falaj:y:rate"},
        ),
        ('label_replace(up, "a", "b", "", "") unless z offset 1h', {"up", "z"}),
        ("vector(1)", set()),
    ],
)
def test_names_are_found_in_a_question(promql: str, names: set[str]) -> None:
    assert metrics(promql) == names


def test_every_metric_is_told_by_somebody_and_every_one_that_is_listed_is_used() -> None:
    told = [name for exporter in KNOWN.values() for name in exporter["names"]]
    assert len(told) == len(set(told))
    recorded = {rule["record"] for rule in RULES if "record" in rule}
    assert USED - recorded == set(told)


def test_what_dcgm_is_asked_for_is_in_its_list() -> None:
    lines = (FOLDER / "dcgm.csv").read_text().splitlines()
    fields = [line.split(",")[0] for line in lines if line and not line.startswith("#")]
    assert set(KNOWN["dcgm"]["names"]) <= set(fields)
    assert len(fields) == len(set(fields))


def test_every_question_of_a_dashboard_can_be_read(tmp_path: Path) -> None:
    rules = [{"record": f"falaj:question{number}", "expr": expr} for number, expr in enumerate(QUESTIONS)]
    file = tmp_path / "rules.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "questions", "rules": rules}]}))
    done = subprocess.run(
        ["promtool", "check", "rules", "--lint=none", file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_panels_stand_beside_each_other_and_variables_are_asked(board: dict[str, Any]) -> None:
    places = [panel["gridPos"] for panel in board["panels"]]
    assert all(place["x"] + place["w"] <= 24 for place in places)
    assert len({(place["x"], place["y"]) for place in places}) == len(places)
    assert len({panel["id"] for panel in board["panels"]}) == len(places)
    used = set(re.findall(r"\$(\w+)", json.dumps([asked(board)])))
    assert used == {variable["name"] for variable in board["templating"]["list"]}


def test_limits_of_panels_are_those_of_the_alerts() -> None:
    compared = " ".join(rule["expr"] for rule in RULES if "alert" in rule)
    for board in BOARDS.values():
        for panel in board["panels"]:
            for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1:]:
                assert re.search(rf"[<>=] {step['value']:g}(?!\d)", compared), panel["title"]
