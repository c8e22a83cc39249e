"""How a verdict about a release is shown: what denies it first, then what would in production."""

from typing import Any

from rich.text import Text

from infra.cli.output import out

ORDER = ("deny", "advise")


def show(found: dict[str, Any]) -> None:
    """Print the verdict, and of each finding what is wrong and how to mend it."""
    good = found["verdict"] == "allow"
    out.print(Text(f"{found['verdict']}  ", "bold green" if good else "bold red").append(found["decision"], "dim"))
    if found["fault"]:
        out.print(f"  {found['fault']['code']} {found['fault']['place']}: {found['fault']['problem']}", markup=False)
    for effect in ORDER:
        for one in (one for one in found["findings"] if one["effect"] == effect):
            out.print(Text(f"  {effect:<7}{one['policy']}  {one['title']}", "red" if effect == "deny" else "yellow"))
            out.print(f"         {one['message']}", style="dim", markup=False)
            out.print(f"         {one['fix']}", markup=False)
