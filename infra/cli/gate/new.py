"""`falaj gate new`: a rule to be filled in."""

from infra.cli.output import OK, done, emit, guarded
from infra.home import PROJECT


def new(policy: str, title: str, kind: str, prop: str, pack: str, as_json: bool) -> int:
    """Write the rule and its cases."""
    return guarded(as_json, lambda: _new(policy, title, kind, prop, pack, as_json))


def _new(policy: str, title: str, kind: str, prop: str, pack: str, as_json: bool) -> int:
    from policies.gate import scaffold

    files = [str(file.relative_to(PROJECT)) for file in scaffold.new(policy, title, kind, prop, pack)]
    if as_json:
        emit({"ok": True, "files": files})
    else:
        done(f"{' and '.join(files)} written; name its controls, then `falaj gate test {policy}` and `make docs`")
    return OK
