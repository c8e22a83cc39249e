"""`falaj model`: the registry's verbs, one per file."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Registered models: what there is, who moved what and why, bundles.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Name = Annotated[str, typer.Argument(help="The models' name, such as a workload's.", metavar="NAME")]
Model = Annotated[str, typer.Argument(help="A digest, its first digits, an alias or a branch.", metavar="MODEL")]
Stack = Annotated[str, typer.Option("--stack", "-s", help="The stack whose registry it is.")]
Why = Annotated[str, typer.Option("--why", help="The reason, for the log.")]
Secret = Annotated[Path | None, typer.Option("--passphrase-file", help="A file with the bundle's passphrase.")]
Head = Annotated[str, typer.Option("--head", help="The head that was kept elsewhere, as `history` prints it.")]


@app.command("list")
def list_models(stack: Stack = "local", as_json: Json = False) -> None:
    """Every registered model, and what points at it."""
    from infra.cli.model.list import list_models as command

    raise typer.Exit(command(stack, as_json))


@app.command()
def show(name: Name, model: Model, stack: Stack = "local", as_json: Json = False) -> None:
    """A model, verified: its files, what it was made from, what points at it."""
    from infra.cli.model.show import show as command

    raise typer.Exit(command(name, model, stack, as_json))


@app.command()
def history(name: Name, head: Head = "", stack: Stack = "local", as_json: Json = False) -> None:
    """Everything that happened to the models of a name: what, when, by whom, why."""
    from infra.cli.model.history import history as command

    raise typer.Exit(command(name, head, stack, as_json))


@app.command()
def verify(
    name: Annotated[str, typer.Argument(help="The models' name; all by default.", metavar="[NAME]")] = "",
    head: Head = "",
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """Check every byte, signature and log of the registry."""
    from infra.cli.model.verify import verify as command

    raise typer.Exit(command(name, head, stack, as_json))


@app.command()
def gc(
    name: Name,
    apply: Annotated[bool, typer.Option("--apply", help="Mark what may go, delete what was marked long ago.")] = False,
    grace: Annotated[float, typer.Option("--grace-days", min=1, help="Days between marking and deleting.")] = 7,
    retention: Annotated[
        float, typer.Option("--retention-days", min=1, help="Days for which what an alias left is kept.")
    ] = 90,
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """What nothing refers to any more. Changes nothing, unless told to apply."""
    from infra.cli.model.gc import gc as command

    raise typer.Exit(command(name, apply, grace, retention, stack, as_json))


@app.command()
def export(
    name: Name,
    model: Model,
    why: Why,
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
    passphrase_file: Secret = None,
    plain: Annotated[bool, typer.Option("--plain", help="Do not encrypt it.")] = False,
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """Write a model with its log into one signed file. It is held here from then on."""
    from infra.cli.model.export import export as command

    raise typer.Exit(command(name, model, why, out, passphrase_file, plain, stack, as_json))


@app.command("import")
def bring(
    file: Annotated[Path, typer.Argument(help="The bundle.", metavar="FILE")],
    why: Why,
    key: Annotated[
        Path | None, typer.Option("--key", help="The public key of whoever exported it; this platform's by default.")
    ] = None,
    passphrase_file: Secret = None,
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """Check all of a bundle, then add its model here. No alias moves."""
    from infra.cli.model.bring import bring as command

    raise typer.Exit(command(file, why, key, passphrase_file, stack, as_json))


@app.command()
def hold(name: Name, model: Model, why: Why, stack: Stack = "local", as_json: Json = False) -> None:
    """Keep a model from being collected, until it is released."""
    from infra.cli.model.hold import hold as command

    raise typer.Exit(command("hold", name, model, why, stack, as_json))


@app.command()
def release(name: Name, model: Model, why: Why, stack: Stack = "local", as_json: Json = False) -> None:
    """Take the oldest hold of a model away."""
    from infra.cli.model.hold import hold as command

    raise typer.Exit(command("release", name, model, why, stack, as_json))


@app.command()
def mirror(stack: Stack = "local", as_json: Json = False) -> None:
    """Bring what MLflow shows of the registry up to date."""
    from infra.cli.model.mirror import mirror as command

    raise typer.Exit(command(stack, as_json))


@app.command()
def key(
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write it to this file.")] = None,
    stack: Stack = "local",
    as_json: Json = False,
) -> None:
    """The public key that models and bundles of this platform are signed with."""
    from infra.cli.model.key import key as command

    raise typer.Exit(command(out, stack, as_json))
