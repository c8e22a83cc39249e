"""`falaj`: one verb per file. Commands are imported when they are called, so that `--help` answers at once."""

from pathlib import Path
from typing import Annotated

import typer

from infra.cli.consent.app import app as consent
from infra.cli.gate.app import app as gate
from infra.cli.incident.app import app as incident
from infra.cli.lineage.app import app as lineage
from infra.cli.model.app import app as model
from infra.cli.release.app import app as release
from infra.cli.sim.app import app as sim

EXITS = """Exit codes: 0 done · 1 something broke, run it again · 2 wrong command line · 3 a file you wrote is wrong ·
4 refused by the gate · 5 something is missing · 6 somebody else holds it · 7 stored data is not what was written."""

app = typer.Typer(
    help="An AI and machine-learning platform, gated by policy, one stack per region and tenant.",
    epilog=EXITS,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

bootstrap = typer.Typer(help="Prepare where states are kept, in the country, before any stack.", no_args_is_help=True)
app.add_typer(gate, name="gate")
app.add_typer(model, name="model")
app.add_typer(incident, name="incident")
app.add_typer(consent, name="consent")
app.add_typer(lineage, name="lineage")
app.add_typer(release, name="release")
app.add_typer(sim, name="sim")
app.add_typer(bootstrap, name="bootstrap")

Stack = Annotated[str, typer.Argument(help="The stack: stacks/Pulumi.<STACK>.yaml.", metavar="STACK")]
StackOption = Annotated[str, typer.Option("--stack", "-s", help="The stack the workload runs on.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking; a stack in a cloud asks.")]


@app.command()
def up(stack: Stack = "local", as_json: Json = False) -> None:
    """Stand a stack up, or bring it back to what its file says: plan, gate, apply."""
    from infra.cli.up import up as command

    raise typer.Exit(command(stack, as_json))


@app.command()
def down(stack: Stack = "local", yes: Yes = False, as_json: Json = False) -> None:
    """Take a stack away with its data: processes, ports and files. The decision log stays."""
    from infra.cli.down import down as command

    raise typer.Exit(command(stack, yes, as_json))


@app.command()
def destroy(
    stack: Stack = "local",
    show: Annotated[
        bool, typer.Option("--show", help="Only say what would go, in which order, and what stays.")
    ] = False,
    state: Annotated[
        Path | None, typer.Option("--state", help="Say it of an exported state (`pulumi stack export`).")
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """The same as down, by its name in Pulumi; --show only says what would happen."""
    if show or state:
        from infra.cli.down import show as showing

        raise typer.Exit(showing(stack, state, as_json))
    down(stack, yes, as_json)


@app.command()
def plan(
    stack: Stack = "local",
    state: Annotated[
        Path | None, typer.Option("--state", help="An exported state to start from (`pulumi stack export`).")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write the page with the architecture here.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the table, the JSON and the page here.")] = None,
    as_json: Json = False,
) -> None:
    """Plan any stack without credentials and network: resources, changes, costs, verdict. Nothing is touched."""
    from infra.cli.plan import plan as command

    raise typer.Exit(command(stack, state, html, out, as_json))


@app.command()
def review(
    stack: Stack = "local",
    reports: Annotated[Path | None, typer.Option("--reports", help="Write all reports into this folder.")] = None,
    as_json: Json = False,
) -> None:
    """Plan a stack and judge it for a pull request. Nothing is touched."""
    from infra.cli.review import review as command

    raise typer.Exit(command(stack, reports, as_json))


@app.command()
def mirror(
    registry: Annotated[
        str, typer.Argument(help="Where to: `host/path`, as the stack's `platform.registry`.", metavar="[REGISTRY]")
    ] = "",
    save: Annotated[Path | None, typer.Option("--save", help="Into this folder, to be carried elsewhere.")] = None,
    load: Annotated[Path | None, typer.Option("--load", help="From this folder, without asking the sources.")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="This image of the bill; may be repeated.")] = None,
    bill: Annotated[Path | None, typer.Option("--bill", help="Another bill of materials of the same form.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Hold each against its source, and copy none.")] = False,
    as_json: Json = False,
) -> None:
    """Copy every image that the platform runs into a registry of your own, by digest."""
    from infra.cli.mirror import Asked
    from infra.cli.mirror import mirror as command

    asked = Asked(registry=registry, save=save, load=load, bill=bill, only=only or [], dry_run=dry_run)
    raise typer.Exit(command(asked, as_json))


@app.command()
def status(stack: Stack = "local", as_json: Json = False) -> None:
    """What runs, where, how it is, which policies were applied, and a request to try."""
    from infra.cli.status import status as command

    raise typer.Exit(command(stack, as_json))


@app.command()
def watch(
    name: Annotated[str, typer.Argument(help="The models' name, such as a workload's.", metavar="NAME")],
    channels: Annotated[
        Path | None, typer.Option("--channels", help="A YAML file that says whom to tell: webhook, mail.")
    ] = None,
    stack: StackOption = "local",
    as_json: Json = False,
) -> None:
    """Look once at what an endpoint was asked since the last look: drift, foreseen quality, alarms, what is done."""
    from infra.cli.watch import watch as command

    raise typer.Exit(command(name, channels, stack, as_json))


@app.command()
def replay(
    workload: Annotated[str, typer.Argument(help="A folder of workloads/.", metavar="WORKLOAD")],
    stack: StackOption = "local",
    as_json: Json = False,
) -> None:
    """Play the time after a model's training: requests, drift, late labels, a retraining, an A/B test, a rollback."""
    from infra.cli.replay import replay as command

    raise typer.Exit(command(workload, stack, as_json))


@app.command()
def score(
    workload: Annotated[str, typer.Argument(help="A folder of workloads/.", metavar="WORKLOAD")],
    model: Annotated[str, typer.Option(help="Digest, its first digits, or a pointer; production without it.")] = "",
    copy: Annotated[Path | None, typer.Option("--out", help="Write a plain copy: .parquet or .csv.")] = None,
    stack: StackOption = "local",
    as_json: Json = False,
) -> None:
    """Score every row of a workload in batch, by the model in production or another one, into the lake."""
    from infra.cli.score import score as command

    raise typer.Exit(command(workload, model, copy, stack, as_json))


@app.command()
def run(
    workload: Annotated[str, typer.Argument(help="A folder of workloads/.", metavar="WORKLOAD")],
    stack: StackOption = "local",
    as_json: Json = False,
) -> None:
    """Run a workload on a stack, from data to a served model."""
    from infra.cli.run import run as command

    raise typer.Exit(command(workload, stack, as_json))


@app.command()
def logs(
    server: Annotated[str, typer.Argument(help="decision, tracking, ray or supervisord.", metavar="SERVER")] = "",
    stack: StackOption = "local",
    lines: Annotated[int, typer.Option("--lines", "-n", min=1, help="Lines from the end.")] = 40,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as the log grows.")] = False,
    as_json: Json = False,
) -> None:
    """The logs of a stack's servers."""
    from infra.cli.logs import logs as command

    raise typer.Exit(command(server, stack, lines, follow, as_json))


@app.command()
def doctor(
    as_json: Json = False,
    online: Annotated[bool, typer.Option("--online", help="Ask the package registries too.")] = False,
    stack: Annotated[str, typer.Option("--stack", "-s", help="Ask its cloud too, with the `aws` command.")] = "local",
) -> None:
    """What is there, its version, what is missing and the fix."""
    from infra.cli.doctor import doctor as command

    raise typer.Exit(command(as_json, online, stack))


@app.command()
def env(stack: Stack = "local", as_json: Json = False) -> None:
    """The environment in which a bare `pulumi` finds a stack: `eval "$(falaj env local)"`."""
    from infra.cli.env import env as command

    raise typer.Exit(command(stack, as_json))


@bootstrap.command()
def aws(
    stack: Annotated[str, typer.Argument(help="A stack whose account and region it is for.", metavar="STACK")],
    apply: Annotated[bool, typer.Option("--apply", help="Make it, with your credentials.")] = False,
    as_json: Json = False,
) -> None:
    """A bucket for states and a key for their secrets, where a stack is to be. Planned, unless told to apply."""
    from infra.cli.bootstrap import bootstrap as command

    raise typer.Exit(command(stack, apply, as_json))


def main() -> None:
    """Entry point of the console script."""
    app()
