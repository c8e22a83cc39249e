"""`falaj sim`: one verb per file. Commands are imported when they are called."""

from typing import Annotated

import typer

app = typer.Typer(help="A region's cluster, simulated on this machine.", no_args_is_help=True)

Stack = Annotated[str, typer.Argument(help="The stack: stacks/Pulumi.<STACK>.yaml.", metavar="STACK")]
Name = Annotated[str, typer.Option("--name", help="Its name, when there are several; the stack's by default.")]
Sim = Annotated[str, typer.Argument(help="Its name.", metavar="NAME")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@app.command()
def up(
    stack: Stack,
    name: Name = "",
    nodes: Annotated[
        list[str] | None, typer.Option("--nodes", help="`POOL=N`: so many nodes of a pool.", metavar="POOL=N")
    ] = None,
    as_json: Json = False,
) -> None:
    """Start a control plane with the stack's nodes, or bring back what died of it."""
    from infra.cli.sim.up import up as command

    raise typer.Exit(command(stack, name or stack, nodes or [], as_json))


@app.command()
def status(name: Sim, as_json: Json = False) -> None:
    """What runs, how much memory it takes, which nodes there are."""
    from infra.cli.sim.status import status as command

    raise typer.Exit(command(name, as_json))


@app.command()
def kubeconfig(name: Sim, as_json: Json = False) -> None:
    """The path of its administrator's kubeconfig: `export KUBECONFIG=$(falaj sim kubeconfig NAME)`."""
    from infra.cli.sim.kubeconfig import kubeconfig as command

    raise typer.Exit(command(name, as_json))


@app.command()
def lose(
    name: Sim,
    node: Annotated[str, typer.Argument(help="Of `kubectl get nodes`.", metavar="NODE")],
    as_json: Json = False,
) -> None:
    """Have a node's machine fail without a word; `falaj sim up` puts a new one in its place."""
    from infra.cli.sim.lose import lose as command

    raise typer.Exit(command(name, node, as_json))


@app.command()
def down(name: Sim, as_json: Json = False) -> None:
    """Take it away: processes, ports, files."""
    from infra.cli.sim.down import down as command

    raise typer.Exit(command(name, as_json))


@app.command()
def deploy(name: Sim, as_json: Json = False) -> None:
    """Plan, gate and apply its stack's own program onto it; no cloud is asked anything."""
    from infra.cli.sim.deploy import deploy as command

    raise typer.Exit(command(name, as_json))


@app.command()
def destroy(name: Sim, as_json: Json = False) -> None:
    """Take its stack away again, in the order in which a real one goes."""
    from infra.cli.sim.destroy import destroy as command

    raise typer.Exit(command(name, as_json))
