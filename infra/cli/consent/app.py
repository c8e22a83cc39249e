"""`falaj consent`: who allows which use of the rows about them."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Consent: who allows which use, and what has to go for whom.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Stack = Annotated[str, typer.Option("--stack", "-s", help="The stack whose ledger it is.")]
Person = Annotated[str, typer.Argument(help="A person's id, as in the tables.", metavar="ID")]
Purpose = Annotated[str, typer.Argument(help="The purpose, as a workload's spec names it.", metavar="PURPOSE")]
At = Annotated[str, typer.Option("--at", help="Since when it holds: RFC 3339 with a zone; now without it.")]


@app.command()
def status(stack: Stack = "local", as_json: Json = False) -> None:
    """By purpose how many persons spoke and consent now; the ledger's chain is checked."""
    from infra.cli.consent.ledger import status as command

    raise typer.Exit(command(stack, as_json))


@app.command()
def show(person: Person, stack: Stack = "local", as_json: Json = False) -> None:
    """What one person said, and what holds now."""
    from infra.cli.consent.ledger import show as command

    raise typer.Exit(command(person, stack, as_json))


@app.command()
def grant(person: Person, purpose: Purpose, at: At = "", stack: Stack = "local", as_json: Json = False) -> None:
    """Record that a person allows a purpose."""
    from infra.cli.consent.record import say as command

    raise typer.Exit(command("granted", person, purpose, at, stack, as_json))


@app.command()
def withdraw(person: Person, purpose: Purpose, at: At = "", stack: Stack = "local", as_json: Json = False) -> None:
    """Record that a person allows it no more: the next run trains without the rows about them."""
    from infra.cli.consent.record import say as command

    raise typer.Exit(command("withdrawn", person, purpose, at, stack, as_json))


@app.command()
def record(
    file: Annotated[Path, typer.Argument(help="CSV: subject,purpose,state,at; state is granted or withdrawn.")],
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """Record what many said, all of the file or nothing; what is there already is not written again."""
    from infra.cli.consent.record import take as command

    raise typer.Exit(command(file, stack, as_json))


@app.command()
def erasure(person: Person, stack: Stack = "local", as_json: Json = False) -> None:
    """Plan what has to go for a person: rows, snapshots, models, logs, and the rest by hand. Nothing is touched."""
    from infra.cli.consent.erasure import erasure as command

    raise typer.Exit(command(person, stack, as_json))
