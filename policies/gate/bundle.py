"""The rules as one thing with one digest: what OPA loads, and the catalogue of their metadata."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from infra.errors import FalajError
from policies.gate import controls, opa, params
from policies.gate.controls import Control

REGO = Path(__file__).resolve().parents[1] / "rego"
"""The packs of this checkout."""
RULES = "falaj.rules"
"""Every package below it is a rule; its last name is the rule's id in lower case, `LOC-001` → `loc_001`."""
CANARY = "CAN-000"
_DATA = (controls.FOLDER, params.FOLDER)
_ROOTS = ["falaj", "system/authz"]

Level = Literal["mandatory", "advisory"]
Severity = Literal["low", "medium", "high", "critical"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Levels(_Model):
    """How hard a rule acts, by the stack's profile."""

    dev: Level
    prod: Level


class Rule(_Model):
    """One rule's METADATA."""

    id: str = Field(pattern=r"^[A-Z][A-Z0-9]{2}-\d{3}$")
    title: str = Field(min_length=1)
    severity: Severity
    level: Levels
    applies_to: list[str] = Field(min_length=1)
    needs: Literal["resource", "stack"] = "resource"
    """`stack`: it judges a resource by what stands beside it, and is not asked about one resource alone."""
    on_unknown: Literal["deny", "defer", "allow"]
    waivable: bool = True
    controls: list[Control]
    remediation: str = Field(min_length=1)
    owner: str = Field(min_length=1)


class _Annotation(BaseModel):
    annotations: dict[str, Any]
    location: dict[str, Any] = {}
    path: list[dict[str, Any]]


class _Inspected(BaseModel):
    """What `opa inspect -a` prints, as far as it is read here."""

    namespaces: dict[str, Any] = {}
    annotations: list[_Annotation] = []


@dataclass(frozen=True)
class Bundle:
    """A staged bundle: `opa run --bundle path` serves it with revision `digest`."""

    path: Path
    digest: str


def digest(path: Path = REGO) -> str:
    """`sha256:…` over the names and bytes of a folder of packs, the parameters' and the controls' files included."""
    named = {file.relative_to(path).as_posix(): file for file in path.rglob("*.rego")}
    named |= {f"{folder.name}/{file.name}": file for folder in _DATA for file in folder.glob("*.yaml")}
    total = hashlib.sha256()
    for name, file in sorted(named.items()):
        total.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return f"sha256:{total.hexdigest()}"


def stage(out: Path, rego: Path = REGO) -> Bundle:
    """Write the bundle to `out/<digest>`, whole or not at all; what is there already and unchanged is kept.

    Raises GATE-017 when a pack does not compile or a rule lacks its metadata.
    """
    revision = digest(rego)
    target = out / revision.removeprefix("sha256:")[:16]
    if _is_whole(target, revision):
        return Bundle(target, revision)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    working = Path(tempfile.mkdtemp(dir=out, prefix=".staging-"))
    try:
        shutil.copytree(rego, working, dirs_exist_ok=True, ignore=_only_rego)
        rules = catalogue(rego)
        opa.run(opa.binary(), "check", str(rego))
        data = json.dumps({"catalogue": {rule.id: rule.model_dump() for rule in rules}}, sort_keys=True).encode()
        (working / "falaj").mkdir(exist_ok=True)
        (working / "falaj" / "data.json").write_bytes(data)
        manifest = {
            "revision": revision,
            "roots": _ROOTS,
            "rego_version": 1,
            "metadata": {"catalogue": hashlib.sha256(data).hexdigest()},
        }
        (working / ".manifest").write_text(json.dumps(manifest))
        _replace(working, target, revision)
    finally:
        shutil.rmtree(working, ignore_errors=True)
    return Bundle(target, revision)


def rules_of(bundle: Bundle) -> list[Rule]:
    """The metadata of a staged bundle's rules, by id."""
    text = json.loads((bundle.path / "falaj" / "data.json").read_bytes())
    return TypeAdapter(list[Rule]).validate_python(list(text["catalogue"].values()))


def catalogue(rego: Path = REGO) -> list[Rule]:
    """The metadata of every rule, by id. Raises GATE-017 for a rule without, with two, or with a wrong name."""
    inspected = _Inspected.model_validate_json(opa.run(opa.binary(), "inspect", "-a", "--format", "json", str(rego)))
    packages = {name for name in inspected.namespaces if name.startswith(f"data.{RULES}.")}
    rules: dict[str, Rule] = {}
    known = controls.by_name()
    for annotation in inspected.annotations:
        package = ".".join(str(part["value"]) for part in annotation.path)
        text = annotation.annotations
        if text.get("scope") != "package" or package not in packages:
            continue
        place = str(annotation.location.get("file", ""))
        if package in rules:
            raise FalajError("GATE-017", place, f"{package} has its metadata twice")
        try:
            rules[package] = _rule(text, known)
        except ValidationError as error:
            raise FalajError("GATE-017", place, f"the metadata of {package} is wrong: {_first(error)}") from error
        name = package.rsplit(".", 1)[-1]
        if rules[package].id != name.upper().replace("_", "-"):
            raise FalajError("GATE-017", place, f"the id is {rules[package].id}, the package is {name}")
    if missing := sorted(packages - rules.keys()):
        raise FalajError("GATE-017", str(rego), f"{', '.join(missing)} has no metadata")
    if not packages:
        raise FalajError("GATE-017", str(rego), f"there is no rule below {RULES}")
    return sorted(rules.values(), key=lambda rule: rule.id)


def _rule(text: dict[str, Any], known: Mapping[str, Control]) -> Rule:
    """A rule of its metadata; its controls, named `FRAMEWORK reference`, are looked up: no mapping without a source."""
    custom = dict(text.get("custom", {}))
    named = [str(name) for name in custom.get("controls", [])]
    if missing := [name for name in named if name not in known]:
        raise FalajError("GATE-017", str(custom.get("id")), f"policies/controls has no {', '.join(missing)}")
    return Rule.model_validate(
        {"title": text.get("title", ""), **custom, "controls": [known[name].model_dump() for name in named]}
    )


def _first(error: ValidationError) -> str:
    detail = error.errors()[0]
    return f"{'.'.join(map(str, detail['loc']))}: {detail['msg']} (found {detail['input']!r})"


def _only_rego(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not (name.endswith(".rego") or Path(folder, name).is_dir())]


def _is_whole(target: Path, revision: str) -> bool:
    try:
        manifest = json.loads((target / ".manifest").read_text())
        data = (target / "falaj" / "data.json").read_bytes()
    except (OSError, ValueError):
        return False
    return (
        manifest.get("revision") == revision == digest(target)
        and manifest.get("metadata", {}).get("catalogue") == hashlib.sha256(data).hexdigest()
    )


def _replace(working: Path, target: Path, revision: str) -> None:
    """Put `working` at `target`; when another run was first with the same, its copy stays."""
    for _ in range(2):
        try:
            os.rename(working, target)  # noqa: PTH104  refuses a folder that is not empty, which is the point
        except OSError:
            if _is_whole(target, revision):
                return
            shutil.rmtree(target, ignore_errors=True)  # damaged: ours replaces it
        else:
            return
    raise FalajError("GATE-017", str(target), "the folder cannot be written")
