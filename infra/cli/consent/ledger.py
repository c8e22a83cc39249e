"""`falaj consent status` and `show`: what the ledger says."""

from infra.cli.ask import ask
from infra.cli.output import OK, done, emit, guarded, out, title


def status(stack: str, as_json: bool) -> int:
    """Print a line for each purpose."""
    return guarded(as_json, lambda: _status(stack, as_json))


def _status(stack: str, as_json: bool) -> int:
    found = ask("consent", stack, "status")
    if as_json:
        emit({"ok": True, **found})
        return OK
    for purpose, told in found["purposes"].items():
        out.print(f"  {told['granted']:>9,} of {told['persons']:,} persons consent to {purpose}", markup=False)
    entries = sum(told["entries"] for told in found["purposes"].values())
    done(f"{entries:,} entries, the chain is whole: {found['head']}")
    return OK


def show(person: str, stack: str, as_json: bool) -> int:
    """Print the person's entries."""
    return guarded(as_json, lambda: _show(person, stack, as_json))


def _show(person: str, stack: str, as_json: bool) -> int:
    found = ask("consent", stack, "show", "--", person)
    if as_json:
        emit({"ok": True, **found})
        return OK
    title(f"What this person said ({len(found['entries'])})")
    for one in found["entries"]:
        line = f"  {one['state']:<9}  {one['purpose']}  since {one['at']}, recorded {one['recorded']}"
        out.print(line, markup=False)
    title("What holds now")
    for purpose, holds in found["granted"].items():
        out.print(f"  {'granted' if holds else 'not granted':<11}  {purpose}", markup=False)
    if not found["entries"]:
        out.print("  Nothing: the person never spoke, so no purpose is granted.")
    return OK
