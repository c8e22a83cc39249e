"""`falaj gate admission`: the gate's rules, for a cluster that asks them itself."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from infra.cli.output import OK, done, emit, guarded

if TYPE_CHECKING:
    from policies.gate.admission import Admission


def admission(stack: str, output: Path | None, as_json: bool) -> int:
    """Print the templates and constraints of a stack's profile, or write them into a folder."""
    return guarded(as_json, lambda: _admission(stack, output, as_json))


def _admission(stack: str, output: Path | None, as_json: bool) -> int:
    from infra.judge import described
    from infra.settings import load, stack_file
    from policies.gate.admission import admission as made

    about, limits = described(stack, load(stack_file(stack)), dry_run=True)
    found = made(about, limits)
    texts = {"templates": [one.template for one in found], "constraints": [one.constraint for one in found]}
    if as_json:
        emit({"ok": True, **texts})
    elif output:
        _write(output, texts, found)
    else:
        sys.stdout.write("".join(f"---\n{_yaml(one)}" for those in texts.values() for one in those))
    return OK


def _write(folder: Path, texts: dict[str, list[dict[str, Any]]], found: "list[Admission]") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, those in texts.items():
        (folder / f"{name}.yaml").write_text("---\n".join(map(_yaml, those)))
    done(f"{len(found)} rules in {folder}: apply templates.yaml, and constraints.yaml once every template is `created`")


class _Dumper(yaml.SafeDumper):
    """Rego as it was written, line by line, and nothing said by reference."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _lines(_: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _lines)


def _yaml(found: dict[str, Any]) -> str:
    return yaml.dump(found, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)
