"""Playbooks: every alarm has its steps, and what they say to run is there."""

import shlex

import click
import pytest
import typer.main

from infra.cli.app import app
from tests.workloads.lib.incident.test_incident import opened
from workloads.lib.incident import incident, playbook
from workloads.lib.incident.severity import severity
from workloads.lib.monitor.raised import KINDS, Kind
from workloads.lib.object_store import ObjectStore
from workloads.lib.platform import Platform

COMMANDS = typer.main.get_command(app)


@pytest.mark.parametrize("kind", KINDS)
def test_every_phase_says_what_to_do_and_people_have_something_to_do_in_each_but_the_first(kind: Kind) -> None:
    for phase in playbook.PHASES:
        assert playbook.steps(kind, phase)
    assert all(step.auto for step in playbook.steps(kind, "detect"))
    for phase in ("triage", "contain", "review"):
        assert not all(step.auto for step in playbook.steps(kind, phase))
    assert len(playbook.steps(kind, "triage")) > len(playbook._table()["common"]["triage"])


def test_no_kind_is_there_that_no_alarm_has() -> None:
    assert playbook._table().keys() == {"common", *KINDS}


def test_every_command_is_one_with_its_arguments(platform: Platform, models: list[str]) -> None:
    one = opened(platform, models[1])
    named = {
        step.run
        for kind in KINDS
        for phase in playbook.PHASES
        for step in playbook.of(one.model_copy(update={"alarm": one.alarm.model_copy(update={"kind": kind})}), phase)
        if step.run
    }
    assert "falaj incident ack m-1 --why TEXT" in named
    for text in named:
        program, *words = shlex.split(text.replace("yes|no", "no"))
        command: click.Command = COMMANDS
        while isinstance(command, click.Group):
            command = command.commands[words.pop(0)]
        assert program == "falaj"
        command.make_context(text, words)  # parses, and runs nothing


def test_what_is_next_follows_the_stage(platform: Platform, store: ObjectStore, models: list[str]) -> None:
    one = opened(platform, models[1])
    phases = [playbook.NEXT[one.stage]]
    stages = (incident.acknowledge, incident.contain, incident.recover)
    phases += [playbook.NEXT[step(store, one.id, why="x").stage] for step in stages]
    assert phases == ["triage", "contain", "recover", "review"]
    assert playbook.of(one) == playbook.of(one, "triage")


@pytest.mark.parametrize(
    ("kind", "answers", "breach", "grave"),
    [
        ("serving", True, False, "critical"),
        ("concept", True, False, "major"),
        ("performance", True, False, "major"),
        ("data", True, False, "minor"),
        ("prediction", True, False, "minor"),
        ("serving", False, False, "minor"),
        ("data", False, True, "critical"),
    ],
)
def test_the_rule_of_severity(kind: Kind, answers: bool, breach: bool, grave: str) -> None:
    assert severity(kind, answers=answers, breach=breach) == grave
