"""`falaj incident`: from alarm to review, one verb per file."""

from pathlib import Path
from typing import Annotated, Literal

import typer

app = typer.Typer(no_args_is_help=True, help="Incidents of served models: who does what about them, and by when.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Incident = Annotated[str, typer.Argument(help="The incident, such as employment-1.", metavar="INCIDENT")]
Stack = Annotated[str, typer.Option("--stack", "-s", help="The stack whose incidents they are.")]
Why = Annotated[str, typer.Option("--why", help="The reason, for the timeline.")]
Grave = Literal["critical", "major", "minor"]
Severity = Annotated[Grave | None, typer.Option("--severity", help="Else the rule says it.")]
Kind = Literal["data", "prediction", "concept", "performance", "serving"]
Instant = Annotated[str, typer.Option(help="An instant with its zone, 2026-01-31T09:00+04:00; now by default.")]


@app.command("list")
def list_incidents(
    every: Annotated[bool, typer.Option("--all", help="Closed ones, too.")] = False,
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """The incidents that are not closed, and the clock that ends next."""
    from infra.cli.incident.list import list_incidents as command

    raise typer.Exit(command(every, stack, as_json))


@app.command()
def show(incident: Incident, stack: Stack = "local", as_json: Json = False) -> None:
    """One incident: its model, its clocks, its timeline, and what the playbook says is next."""
    from infra.cli.incident.show import show as command

    raise typer.Exit(command(incident, stack, as_json))


@app.command()
def report(
    name: Annotated[str, typer.Argument(help="The models' name, such as a workload's.", metavar="NAME")],
    model: Annotated[str, typer.Argument(help="A digest, its first digits, an alias or a branch.", metavar="MODEL")],
    kind: Annotated[
        Kind, typer.Option("--kind", help="What is wrong: columns, answers, their relation, a figure, or the endpoint.")
    ],
    why: Why,
    personal: Annotated[bool, typer.Option("--personal", help="Data of persons may be concerned.")] = False,
    severity: Severity = None,
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """Open an incident that a person saw. Alarms open theirs by themselves."""
    from infra.cli.incident.report import report as command

    raise typer.Exit(command(name, model, kind, why, personal, severity or "", stack, as_json))


@app.command()
def ack(incident: Incident, why: Why, severity: Severity = None, stack: Stack = "local", as_json: Json = False) -> None:
    """Take it, so that others know that somebody looks after it."""
    from infra.cli.incident.step import step as command

    raise typer.Exit(command("ack", incident, stack, as_json, why=why, severity=severity or ""))


@app.command()
def contain(incident: Incident, why: Why, stack: Stack = "local", as_json: Json = False) -> None:
    """It does no more harm."""
    from infra.cli.incident.step import step as command

    raise typer.Exit(command("contain", incident, stack, as_json, why=why))


@app.command()
def recover(incident: Incident, why: Why, stack: Stack = "local", as_json: Json = False) -> None:
    """Service is as it should be."""
    from infra.cli.incident.step import step as command

    raise typer.Exit(command("recover", incident, stack, as_json, why=why))


@app.command()
def close(incident: Incident, why: Why, stack: Stack = "local", as_json: Json = False) -> None:
    """Nothing is left to do; the reason is the review: cause, and what was learned."""
    from infra.cli.incident.step import step as command

    raise typer.Exit(command("close", incident, stack, as_json, why=why))


@app.command()
def note(incident: Incident, why: Why, stack: Stack = "local", as_json: Json = False) -> None:
    """Add to the timeline."""
    from infra.cli.incident.step import step as command

    raise typer.Exit(command("note", incident, stack, as_json, why=why))


@app.command()
def breach(
    incident: Incident,
    found: Annotated[Literal["yes", "no"], typer.Argument(help="Whether it is one.")],
    why: Why,
    aware: Instant = "",
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """Say whether it is a breach of personal data: `no` stops the clocks, `yes` makes it critical."""
    from infra.cli.incident.step import step as command

    raise typer.Exit(command("breach", incident, stack, as_json, found, why=why, aware=aware))


@app.command()
def notify(
    incident: Incident,
    regime: Annotated[str, typer.Argument(help="pdpl, gdpr, difc or adgm.", metavar="REGIME")],
    why: Why,
    at: Instant = "",
    exempt: Annotated[
        bool, typer.Option("--exempt", help="It need not be told; the reason says who found so.")
    ] = False,
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """Record that an authority was told; nothing is sent to it."""
    from infra.cli.incident.step import step as command

    raise typer.Exit(command("notify", incident, stack, as_json, regime, why=why, at=at, exempt=exempt))


@app.command()
def bundle(
    incident: Incident,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """Write the evidence into one signed file. Its model is held from then on."""
    from infra.cli.incident.bundle import bundle as command

    raise typer.Exit(command(incident, out, stack, as_json))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The bundle.", metavar="FILE")],
    key: Annotated[Path | None, typer.Option("--key", help="Whoever's public key; this platform's by default.")] = None,
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """Check every byte of a bundle, its signature and its logs."""
    from infra.cli.incident.bundle import verify as command

    raise typer.Exit(command(file, key, stack, as_json))
