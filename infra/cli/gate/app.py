"""`falaj gate`: the gate's own verbs, one per file."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Policies, decisions, approvals, waivers and evidence.")

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Decision = Annotated[str, typer.Argument(help="A decision's id, or the last about a whole stack.", metavar="DECISION")]
StackOption = Annotated[str, typer.Option("--stack", "-s", help="Of this stack only.")]
Signer = Annotated[str, typer.Option("--as", help="Who signs, as in signers.yaml.", metavar="ID")]
Key = Annotated[Path, typer.Option("--key", help="Their private key (Ed25519, OpenSSH format).", metavar="FILE")]


@app.command("log")
def list_decisions(
    stack: StackOption = "", lines: Annotated[int, typer.Option("--lines", "-n", min=1)] = 20, as_json: Json = False
) -> None:
    """The newest decisions."""
    from infra.cli.gate.log import log

    raise typer.Exit(log(stack, lines, as_json))


@app.command()
def report(
    decision: Decision = "last",
    stack: StackOption = "",
    form: Annotated[str, typer.Option("--format", "-f", help="markdown, sarif, junit or html.")] = "markdown",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write it to this file.")] = None,
    as_json: Json = False,
) -> None:
    """A decision as Markdown, SARIF 2.1.0, JUnit or HTML."""
    from infra.cli.gate.report import report as command

    raise typer.Exit(command(decision, stack, form, out, as_json))


@app.command()
def explain(
    policy: Annotated[str, typer.Argument(help="A rule's id.", metavar="POLICY")], as_json: Json = False
) -> None:
    """A rule: what it asks for and why, which controls it serves, how to comply."""
    from infra.cli.gate.explain import explain as command

    raise typer.Exit(command(policy, as_json))


@app.command()
def admission(
    stack: Annotated[str, typer.Option("--stack", "-s", help="Whose profile, parameters and types they are for.")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write them into this folder.")] = None,
    as_json: Json = False,
) -> None:
    """The rules for a cluster's own Gatekeeper: a template and a constraint each, for `kubectl apply`."""
    from infra.cli.gate.admission import admission as command

    raise typer.Exit(command(stack, output, as_json))


@app.command("verify-log")
def verify_log(
    log: Annotated[Path | None, typer.Option("--log", help="Another log than this platform's.")] = None,
    head: Annotated[
        str, typer.Option("--head", help="The head that was kept elsewhere, as this command prints it.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Check the chain of the decision log, and that it ends where it should."""
    from infra.cli.gate.verify_log import verify_log as command

    raise typer.Exit(command(log, head, as_json))


@app.command()
def evidence(
    stack: Annotated[str, typer.Argument(help="The stack; with --verify, the file.", metavar="STACK")],
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file to write.")] = None,
    signer: Signer = "",
    key: Annotated[Path | None, typer.Option("--key", help="The signer's private key.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Check a bundle instead of making one.")] = False,
    as_json: Json = False,
) -> None:
    """An auditor's bundle of a stack: log, questions, rules, controls, waivers, approvals, digests."""
    from infra.cli.gate.evidence import evidence as command

    raise typer.Exit(command(stack, out, signer, key, verify, as_json))


@app.command()
def approve(
    plan: Annotated[str, typer.Argument(help="The plan's digest, sha256:….", metavar="PLAN")],
    signer: Signer,
    key: Key,
    as_json: Json = False,
) -> None:
    """Look at what a refused plan would do, and sign it. It holds for a day, and for that plan only."""
    from infra.cli.gate.approve import approve as command

    raise typer.Exit(command(plan, signer, key, as_json))


@app.command()
def sign(
    waiver: Annotated[Path, typer.Argument(help="The waiver's file.", metavar="WAIVER")],
    signer: Signer,
    key: Key,
    as_json: Json = False,
) -> None:
    """Sign a waiver: one more signature at its end."""
    from infra.cli.gate.sign import sign as command

    raise typer.Exit(command(waiver, signer, key, as_json))


@app.command()
def new(
    policy: Annotated[str, typer.Argument(help="The new rule's id, such as ABC-001.", metavar="POLICY")],
    title: Annotated[str, typer.Option("--title", help="What is right, in a sentence.")],
    kind: Annotated[str, typer.Option("--type", help="The resource type it is about.")],
    prop: Annotated[str, typer.Option("--property", help="The property it looks at.")] = "enabled",
    pack: Annotated[str, typer.Option("--pack", help="The folder below policies/rego.")] = "baseline",
    as_json: Json = False,
) -> None:
    """A new rule with its metadata, its fixtures and six cases, to be filled in."""
    from infra.cli.gate.new import new as command

    raise typer.Exit(command(policy, title, kind, prop, pack, as_json))


@app.command("test")
def run_cases(
    policy: Annotated[str, typer.Argument(help="One rule's id; all when left out.", metavar="[POLICY]")] = "",
    as_json: Json = False,
) -> None:
    """Run the rules' cases, with line coverage and the mutants of their fixtures."""
    from infra.cli.gate.test import test

    raise typer.Exit(test(policy, as_json))


@app.command()
def replay(
    decision: Decision = "last",
    stack: StackOption = "",
    state: Annotated[Path | None, typer.Option("--state", help="Judge an exported state of --stack instead.")] = None,
    as_json: Json = False,
) -> None:
    """Ask an old question, or one about a state as it is, of today's rules: what would change."""
    from infra.cli.gate.replay import replay as command

    raise typer.Exit(command(decision, stack, state, as_json))
