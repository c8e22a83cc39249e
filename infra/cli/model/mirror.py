"""`falaj model mirror`: the registry as MLflow shows it."""

from infra.cli.ask import ask
from infra.cli.output import OK, done, emit, guarded


def mirror(stack: str, as_json: bool) -> int:
    """Send MLflow what it does not show yet."""
    return guarded(as_json, lambda: _mirror(stack, as_json))


def _mirror(stack: str, as_json: bool) -> int:
    found = ask("registry", stack, "mirror")
    if as_json:
        emit({"ok": True, **found})
    else:
        versions = sum(len(one["versions"]) for one in found["sent"].values())
        aliases = sum(len(one["aliases"]) for one in found["sent"].values())
        done(f"{found['url']} shows the registry; {versions} versions and {aliases} aliases were new to it")
    return OK
