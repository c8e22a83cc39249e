"""Alert rules, tried by promtool: each fires where it should, is silent where it nearly should, and has its page."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.kubernetes.monitoring.rule_files import RULES, RUNBOOKS
from infra.home import PROJECT

CASES: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "alerts.yaml").read_text())
FILES = sorted(RULES.glob("*.yaml"))


def alerts(file: Path) -> dict[str, Any]:
    groups = yaml.safe_load(file.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}


ALERTS = {name: rule for file in FILES for name, rule in alerts(file).items()}


def promtool(*arguments: str | Path) -> str:
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def series(told: dict[str, Any], minutes: int) -> list[dict[str, str]]:
    return [
        {"series": name, "values": f"{values}x{minutes}" if isinstance(values, (int, float)) else values}
        for name, values in told.items()
    ]


def asked(alert: str, case: str) -> dict[str, Any]:
    """A test of promtool: whether the alert fires in one of its cases."""
    minutes = CASES[alert].get("at", 10)
    firing = f'ALERTS{{alertname="{alert}", alertstate="firing"}}'
    samples = [{"labels": "{}", "value": 1}] if case == "fires" else []
    return {
        "name": f"{alert} {case}",
        "interval": "1m",
        "input_series": series(CASES[alert][case], minutes),
        "promql_expr_test": [{"expr": f"count({firing})", "eval_time": f"{minutes}m", "exp_samples": samples}],
    }


def test_the_rules_are_sound() -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", *FILES)


def test_every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    assert CASES.keys() == ALERTS.keys()
    assert all(case.keys() - {"at"} == {"fires", "silent"} for case in CASES.values())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_alert_fires_in_the_one_and_not_in_the_other(file: Path, tmp_path: Path) -> None:
    tests = [asked(alert, case) for alert in alerts(file) for case in ("fires", "silent")]
    (tmp_path / "tests.yaml").write_text(yaml.safe_dump({"rule_files": [str(file)], "tests": tests}))
    promtool("test", "rules", tmp_path / "tests.yaml")


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_how_grave_it_is_what_is_wrong_and_where_to_read_on(alert: str) -> None:
    rule = ALERTS[alert]
    said = rule["annotations"]
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert said.keys() == {"summary", "description", "runbook_url"}
    assert "{{" in said["description"]
    assert said["runbook_url"].startswith(RUNBOOKS)
    page, _, anchor = said["runbook_url"].removeprefix(RUNBOOKS).partition("#")
    text = (PROJECT / "docs/runbooks" / page).read_text()
    assert anchor == alert.lower()
    section = re.search(rf"^## {alert}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"{page} has no section {alert}"
    assert all(f"**{part}**" in section[1] for part in ("Means", "Look", "Do", "Ends"))


def test_no_page_is_of_an_alert_that_is_not_there() -> None:
    pages = (PROJECT / "docs/runbooks").glob("*.md")
    told = {name for page in pages for name in re.findall(r"^## (\w+)$", page.read_text(), re.MULTILINE)}
    assert told == ALERTS.keys()
