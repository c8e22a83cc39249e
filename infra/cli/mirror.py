"""`falaj mirror`: the images of the bill of materials into a registry of one's own, or into a folder to carry there."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.text import Text

from components.kubernetes.bill import FILE, Image, read
from infra.cli.output import OK, emit, err, guarded, out
from infra.errors import FalajError
from infra.mirror.crane import Crane
from infra.mirror.image import copy, load, save


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The command line."""

    registry: str
    save: Path | None
    load: Path | None
    bill: Path | None
    only: Sequence[str]
    dry_run: bool


@dataclass(frozen=True)
class Outcome:
    """What became of one image."""

    image: Image
    done: str
    seconds: float
    error: FalajError | None = None

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        about: dict[str, Any] = {
            "name": self.image.name,
            "image": self.image.origin,
            "done": self.done,
            "seconds": self.seconds,
        }
        return about | ({"error": self.error.as_dict()} if self.error else {})


def mirror(asked: Asked, as_json: bool) -> int:
    """Copy all of them, one after another; an image that cannot be copied holds up no other."""
    return guarded(as_json, lambda: _mirror(asked, as_json))


def _mirror(asked: Asked, as_json: bool) -> int:
    step, images = _step(asked), _images(asked)
    outcomes: list[Outcome] = []
    for one in images:
        outcomes.append(_tried(one, step))
        if not as_json:
            _say(outcomes[-1])
    failed = [one.error for one in outcomes if one.error]
    if as_json:
        emit({"ok": not failed, "images": [one.as_dict() for one in outcomes]})
    return int(failed[0].entry.exit) if failed else OK


def _step(asked: Asked) -> Callable[[Image], str]:
    registry, dry = asked.registry.removesuffix("/"), asked.dry_run
    if asked.save and not registry and not asked.load:
        folder = asked.save
        crane = Crane.found()
        return lambda image: save(crane, image, folder, dry_run=dry)
    if asked.save or not registry:
        raise FalajError("MIR-006", "falaj mirror", "it wants a registry, or a folder to save to")
    crane = Crane.found()
    if folder := asked.load:
        return lambda image: load(crane, image, folder, registry, dry_run=dry)
    return lambda image: copy(crane, image, registry, dry_run=dry)


def _images(asked: Asked) -> list[Image]:
    """Those that are asked for; one of two names stands for both."""
    file = asked.bill or FILE
    try:
        images = read(file).images
    except (KeyError, TypeError, ValueError) as error:
        raise FalajError("MIR-008", str(file), str(error)) from error
    for name in asked.only:
        if name not in images:
            fix = f"Name one that it has: {', '.join(images)}."
            raise FalajError("MIR-007", file.name, f"it has no image {name!r}", fix)
    return list({images[name].origin: images[name] for name in asked.only or images}.values())


def _tried(image: Image, step: Callable[[Image], str]) -> Outcome:
    started = time.monotonic()
    try:
        done, error = step(image), None
    except FalajError as failure:
        done, error = "refused" if failure.code in ("MIR-002", "MIR-004", "MIR-005") else "failed", failure
    return Outcome(image, done, round(time.monotonic() - started, 2), error)


def _say(outcome: Outcome) -> None:
    image, error = outcome.image, outcome.error
    sign = Text("✗ ", style="bold red") if error else Text("✓ ", style="green")
    digest = image.digest.removeprefix("sha256:")[:12]
    row = f"{image.name:<24} {image.version:<24} {digest}  {outcome.done:<14}"
    out.print(sign, Text(row), Text(f"{outcome.seconds:6.1f} s", style="dim"), sep="")
    if error:
        err.print(Text(f"  {error}", style="red"))
