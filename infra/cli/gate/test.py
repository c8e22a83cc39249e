"""`falaj gate test`: the rules' own tests."""

from rich.text import Text

from infra.cli.output import OK, done, emit, err, guarded
from infra.errors import Exit


def test(policy: str, as_json: bool) -> int:
    """Print cases, coverage and the mutation score; exit code 1 when one of them is wanting."""
    return guarded(as_json, lambda: _test(policy.upper(), as_json))


def _test(policy: str, as_json: bool) -> int:
    from policies.gate import cases

    found = cases.run(policy)
    if as_json:
        figures = {"rules": found.rules, "cases": found.cases, "passed": found.passed, "failed": found.failed}
        mutants = {"mutants": found.mutants, "survivors": found.survivors, "score": round(found.score, 4)}
        emit({"ok": found.good, **figures, "uncovered": found.uncovered, "missing": found.missing, **mutants})
        return OK if found.good else int(Exit.FAULT)
    for what, lines in (
        ("fails", found.failed),
        ("never ran", found.uncovered),
        ("is missing", found.missing),
        ("survives", found.survivors),
    ):
        for line in lines:
            err.print(Text(f"{what:<11} {line}", style="dim" if what == "survives" else "red"))
    killed = found.mutants - len(found.survivors)
    summary = (
        f"{found.rules} rules, {found.passed} tests ({found.cases} of the six cases), "
        f"{killed} of {found.mutants} mutants refused ({found.score:.1%})"
    )
    if found.good:
        done(summary)
    else:
        err.print(Text(f"✗ {summary}", style="bold red"))
    return OK if found.good else int(Exit.FAULT)
