"""`falaj model verify`: whether the registry is what was written."""

from rich.text import Text

from infra.cli.ask import ask, option
from infra.cli.output import OK, done, emit, err, guarded
from infra.errors import Exit, FalajError


def verify(name: str, head: str, stack: str, as_json: bool) -> int:
    """Print each model that is not, and the heads of the logs."""
    return guarded(as_json, lambda: _verify(name, head, stack, as_json))


def _verify(name: str, head: str, stack: str, as_json: bool) -> int:
    found = ask("registry", stack, "verify", *((name,) if name else ()), *option("--head", head))
    bad = [one for one in found["entries"] if not one["ok"]]
    if as_json:
        emit({**found, "ok": not bad})
    else:
        for one in bad:
            err.print(Text("✗ ", "bold red").append(str(FalajError.from_dict(one["error"])), "not bold default"))
        if not bad:
            heads = "; ".join(f"{model} {last}" for model, last in found["heads"].items())
            done(f"models as written, every byte and signature: {len(found['entries'])}; heads: {heads or 'none'}")
    return int(Exit.INTEGRITY) if bad else OK
