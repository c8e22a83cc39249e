"""From a stack file to settings, or to one clear error."""

import difflib
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from infra import yaml_text
from infra.errors import FalajError
from infra.home import stacks
from infra.settings.aws import AwsStack
from infra.settings.kubernetes import KubernetesStack
from infra.settings.local import LocalStack
from infra.settings.shape import Place, place
from policies.gate.about import scalar

PREFIX = "falaj:"

ClusterStack = AwsStack | KubernetesStack
"""Those with a Kubernetes cluster."""
RegionStack = LocalStack | ClusterStack
Model = type[LocalStack] | type[AwsStack] | type[KubernetesStack]
TARGETS: dict[str, Model] = {"local": LocalStack, "aws": AwsStack, "kubernetes": KubernetesStack}


def stack_file(stack: str) -> Path:
    """The stack's file. CFG-006 when the name is none, CFG-005 when there is no such file."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", stack):
        raise FalajError("CFG-006", repr(stack), "that is no name for a stack")
    path = stacks() / f"Pulumi.{stack}.yaml"
    if not path.is_file():
        there = sorted(p.name.removeprefix("Pulumi.").removesuffix(".yaml") for p in path.parent.glob("Pulumi.*.yaml"))
        fix = f"Name one that is there ({', '.join(there) or 'none yet'}), or write that file."
        raise FalajError("CFG-005", f"stacks/{path.name}", f"there is no stack {stack!r}", fix)
    return path


def load(path: Path) -> RegionStack:
    """The settings in a stack file. CFG-004 when it is not YAML of the right shape, else as `parse`."""
    place = f"stacks/{path.name}"
    try:
        document = yaml_text.read(path)
        config: dict[str, Any] = document["config"]
        items = {str(key): scalar(value) if isinstance(value, str) else value for key, value in config.items()}
    except yaml_text.Unreadable as error:
        where = f"{place}:{error.line}" if error.line else place
        raise FalajError("CFG-004", where, error.problem) from error
    except (TypeError, KeyError, AttributeError) as error:
        raise FalajError("CFG-004", place, "it has no `config:` section with keys and values") from error
    return parse(items, place)


def parse(config: dict[str, Any], place: str) -> RegionStack:
    """Settings from `falaj:<key>` entries; entries of other namespaces are Pulumi providers' own.

    CFG-001 unknown key, CFG-002 wrong type or value, CFG-003 missing key.
    """
    ours = {key.removeprefix(PREFIX): value for key, value in config.items() if key.startswith(PREFIX)}
    for key in config:
        if ":" not in key:
            raise FalajError("CFG-001", place, f"`{key}` has no namespace", f"Write `{PREFIX}{key}`.")
    model = _model(ours, place)
    try:
        return model.model_validate(ours)
    except ValidationError as error:
        raise _explained(error.errors(include_url=False)[0], model, place) from error


def _model(config: dict[str, Any], where: str) -> Model:
    """What the target's stack file holds."""
    known = " or ".join(f"`{name}`" for name in TARGETS)
    match config.get("target"):
        case None:
            raise FalajError("CFG-003", where, f"`{PREFIX}target` is missing", f"Write {known}.")
        case str(target) if target in TARGETS:
            return TARGETS[target]
        case target:
            raise FalajError("CFG-002", where, f"`{PREFIX}target` is {target!r}", f"Write {known}.")


def _explained(problem: ErrorDetails, model: Model, where: str) -> FalajError:
    """The first problem in the user's words; the others are met when it is mended."""
    there = place(model, problem["loc"])
    key = PREFIX + ".".join(there.keys)
    match problem["type"]:
        case "extra_forbidden":
            return _unknown(there, model, where)
        case "missing":
            return FalajError("CFG-003", where, f"`{key}` is missing", _about(there))
        case "value_error":
            return FalajError(
                "CFG-002", where, f"`{key}`: {problem['msg'].removeprefix('Value error, ')}", _about(there)
            )
        case _:
            said = problem["msg"][:1].lower() + problem["msg"][1:]
            return FalajError("CFG-002", where, f"`{key}` is {problem['input']!r}; {said}", _about(there))


def _unknown(there: Place, model: Model, where: str) -> FalajError:
    """A key that is not there: of another target, misspelt, or none at all."""
    key, name, known = PREFIX + ".".join(there.keys), there.keys[-1], list(there.section.model_fields)
    others = [target for target, other in TARGETS.items() if len(there.keys) == 1 and name in other.model_fields]
    if others:
        target = next(target for target, other in TARGETS.items() if other is model)
        problem = f"`{key}` is a section of target {others[0]}, and this stack's target is {target}"
        return FalajError("CFG-001", where, problem, "Remove it.")
    near = difflib.get_close_matches(name, known, 1)
    fix = f"Write `{near[0]}`." if near else f"Known here: {', '.join(known)}."
    return FalajError("CFG-001", where, f"there is no key `{key}`", fix)


def _about(there: Place) -> str:
    described = there.field.description if there.field else None
    return f"`{PREFIX}{'.'.join(there.keys)}`: {described}" if described else "docs/settings.md lists every key."
