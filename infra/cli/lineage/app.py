"""`falaj lineage`: what was made of what."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="What was made of what: data, features, runs, models, endpoints.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Node = Annotated[str, typer.Argument(help="name@digest, a name, or the first digits of a digest.", metavar="NODE")]
Html = Annotated[Path | None, typer.Option("--html", help="Write the graph as a page to this file.")]
Stack = Annotated[str, typer.Option("--stack", "-s", help="The stack whose lineage it is.")]


@app.command("list")
def list_nodes(html: Html = None, stack: Stack = "local", as_json: Json = False) -> None:
    """Every node and run."""
    from infra.cli.lineage.graph import graph as command

    raise typer.Exit(command("list", "", html, stack, as_json))


@app.command()
def upstream(node: Node, html: Html = None, stack: Stack = "local", as_json: Json = False) -> None:
    """What it was made from."""
    from infra.cli.lineage.graph import graph as command

    raise typer.Exit(command("upstream", node, html, stack, as_json))


@app.command()
def downstream(node: Node, html: Html = None, stack: Stack = "local", as_json: Json = False) -> None:
    """What was made from it."""
    from infra.cli.lineage.graph import graph as command

    raise typer.Exit(command("downstream", node, html, stack, as_json))


@app.command()
def subject(
    subject: Annotated[str, typer.Argument(help="A person's id, as in the tables.", metavar="ID")],
    html: Html = None,
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """Which tables have rows of a person, and which models, aliases and endpoints were made from those."""
    from infra.cli.lineage.subject import subject as command

    raise typer.Exit(command(subject, html, stack, as_json))


@app.command()
def deliver(stack: Stack = "local", as_json: Json = False) -> None:
    """Send the collector the events it has not got."""
    from infra.cli.lineage.deliver import deliver as command

    raise typer.Exit(command(stack, as_json))
