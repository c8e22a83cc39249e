"""`falaj release`: from a registered model to production and back, one verb per file."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Releases of models: asked for, approved by others, promoted, taken back.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Workload = Annotated[str, typer.Argument(help="The workload, whose models are named so.", metavar="WORKLOAD")]
Model = Annotated[str, typer.Argument(help="A digest, its first digits, an alias or a branch.", metavar="MODEL")]
Stack = Annotated[str, typer.Option("--stack", "-s", help="The stack whose registry it is.")]
Why = Annotated[str, typer.Option("--why", help="The reason, for the log.")]


@app.command()
def request(
    workload: Workload,
    model: Model,
    measure: Annotated[bool, typer.Option("--measure", help="Measure its latency first, where it is served.")] = False,
    url: Annotated[str, typer.Option("--url", help="Measure here, such as a canary's route.")] = "",
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """Ask for a release: seal who asks, gather the evidence, and show the gate's verdict and what is missing."""
    from infra.cli.release.request import request as command

    raise typer.Exit(command(workload, model, measure, url, stack, as_json))


@app.command()
def approve(
    workload: Workload,
    model: Model,
    signer: Annotated[str, typer.Option("--as", help="Who signs, as in signers.yaml.", metavar="ID")],
    key: Annotated[Path, typer.Option("--key", help="Their private key (Ed25519, OpenSSH format).", metavar="FILE")],
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """Look at a model that somebody else asked for, and sign its digest."""
    from infra.cli.release.approve import approve as command

    raise typer.Exit(command(workload, model, signer, key, stack, as_json))


@app.command()
def promote(workload: Workload, model: Model, why: Why, stack: Stack = "local", as_json: Json = False) -> None:
    """Ask the gate again, and let `production` point at the model."""
    from infra.cli.release.promote import promote as command

    raise typer.Exit(command(workload, model, why, stack, as_json))


@app.command()
def rollback(
    workload: Workload,
    why: Why,
    to: Annotated[str, typer.Option("--to", help="A digest that production pointed at before.")] = "previous",
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """Let `production` point at what it pointed at before, at once."""
    from infra.cli.release.rollback import rollback as command

    raise typer.Exit(command(workload, to, why, stack, as_json))


@app.command()
def status(workload: Workload, stack: Stack = "local", as_json: Json = False) -> None:
    """What production points at, how it came there, and what is asked for."""
    from infra.cli.release.status import status as command

    raise typer.Exit(command(workload, stack, as_json))
