"""`falaj score`: every row of a workload through a registered model, in a process of its own."""

from pathlib import Path

from infra.cli.ask import option
from infra.cli.output import OK, done, emit, err, guarded, out
from infra.cli.run import ready, watch
from infra.engine import Engine


def score(workload: str, model: str, copy: Path | None, stack: str, as_json: bool) -> int:
    """Score, and tell how the scores are spread."""
    return guarded(as_json, lambda: _score(workload, model, copy, Engine(stack), as_json))


def _score(workload: str, model: str, copy: Path | None, engine: Engine, as_json: bool) -> int:
    with ready(workload, engine) as logs:
        command = ["workloads.lib.score", workload, "--platform", str(engine.platform_file)]
        command += [*option("--model", model), *option("--out", copy and copy.resolve())]
        found = watch(workload, command, logs / f"{workload}-score.log", as_json)
    if as_json:
        emit({"ok": True, "stack": engine.stack, **found})
        return OK
    spread = ", ".join(f"{float(share):.0%} {value:.3f}" for share, value in found["quantiles"].items())
    out.print(f"  mean {found['mean']:.4f}; quantiles {spread}", highlight=False)
    if found["out"]:
        err.print(f"  {found['out']} is a plain copy: it is not sealed, guard it.", style="yellow", markup=False)
    whose = f"of {found['model'][:19]}… in {found['table']}"
    done(f"{found['rows']:,} rows have a score {whose}, {found['scored']:,} new", found["seconds"])
    return OK
