"""One image of the bill of materials: held against its source, copied by digest, saved for a place without a network.

An image that a mirror has already is left alone, so that a run that was stopped goes on where it was.
"""

import json
from pathlib import Path

from components.kubernetes.bill import FILE, Image
from infra.errors import FalajError
from infra.mirror.crane import Crane
from infra.toolchain import sha256

_SIGNATURES = ("sig", "att")
"""How the tags end under which cosign keeps what was signed of an image."""


def copy(crane: Crane, image: Image, registry: str, *, dry_run: bool = False) -> str:
    """What was done, in a word or two. Raises MIR-002 and MIR-004."""
    target = _tag(image, registry)
    if _mirrored(crane, image, target):
        return "there"
    require_published(crane, image)
    if dry_run:
        return "to copy"
    crane.copy(_exact(image), target)
    _require_arrived(crane, image, target)
    return _with("copied", _signatures(crane, image, registry))


def save(crane: Crane, image: Image, folder: Path, *, dry_run: bool = False) -> str:
    """The same into an OCI layout below `folder`."""
    layout = folder / image.name
    if _saved(layout) == image.digest:
        return "there"
    require_published(crane, image)
    if dry_run:
        return "to save"
    layout.parent.mkdir(parents=True, exist_ok=True)
    crane.pull(_exact(image), layout)
    require_whole(image, layout)
    return "saved"


def load(crane: Crane, image: Image, folder: Path, registry: str, *, dry_run: bool = False) -> str:
    """From there into a registry; the source is not asked. Raises MIR-005 for what was changed on the way."""
    target = _tag(image, registry)
    if _mirrored(crane, image, target):
        return "there"
    require_whole(image, folder / image.name)
    if dry_run:
        return "to copy"
    crane.push(folder / image.name, target)
    _require_arrived(crane, image, target)
    return "copied"


def require_published(crane: Crane, image: Image) -> None:
    """The bill's digest is what its source has under the version. Raises MIR-002."""
    tag = f"{image.source}:{image.version}"
    found = crane.digest(tag)
    if found == image.digest:
        return
    place = f"{FILE.name}: images.{image.name}"
    if found is None:
        raise FalajError("MIR-002", place, f"{tag} is not there", "Name a version that is published.")
    platform = crane.platforms(tag).get(image.digest)
    if platform is None:
        raise FalajError("MIR-002", place, f"{tag} is {found}, and the bill says {image.digest}")
    if platform != image.platform:
        fix = f'Write platform = "{platform}", or the digest of all platforms.'
        raise FalajError("MIR-002", place, f"{image.digest} is of {platform} alone; {tag} is {found}", fix)


def require_whole(image: Image, layout: Path) -> None:
    """A saved image is the bill's, and no byte of it was changed. Raises MIR-005."""
    saved = _saved(layout)
    if saved != image.digest:
        problem = f"{saved or 'no image'} was saved, and the bill says {image.digest}"
        raise FalajError("MIR-005", str(layout), problem)
    for blob in sorted((layout / "blobs/sha256").iterdir()):
        found = sha256(blob)
        if found != blob.name:
            raise FalajError("MIR-005", str(blob), f"SHA-256 is {found[:12]}…, not {blob.name[:12]}…")


def _mirrored(crane: Crane, image: Image, target: str) -> bool:
    found = crane.digest(target)
    if found not in (None, image.digest):
        raise FalajError("MIR-004", target, f"it is {found} there, and the bill says {image.digest}")
    return found is not None


def _require_arrived(crane: Crane, image: Image, target: str) -> None:
    found = crane.digest(target)
    if found != image.digest:
        raise FalajError("MIR-004", target, f"{image.digest} was copied, and it is {found} there")


def _signatures(crane: Crane, image: Image, registry: str) -> int:
    """Copies what cosign keeps beside the image; how many there were."""
    copied = 0
    for kind in _SIGNATURES:
        tag = f"{image.digest.replace(':', '-')}.{kind}"
        if crane.digest(f"{image.source}:{tag}"):
            crane.copy(f"{image.source}:{tag}", f"{registry}/{image.path}:{tag}")
            copied += 1
    return copied


def _saved(layout: Path) -> str | None:
    """The digest that a layout is of. Its index is written last, so that what it names is all there."""
    file = layout / "index.json"
    listed: list[dict[str, str]] = json.loads(file.read_text())["manifests"] if file.exists() else []
    return listed[0]["digest"] if len(listed) == 1 else None


def _exact(image: Image) -> str:
    return f"{image.source}@{image.digest}"


def _tag(image: Image, registry: str) -> str:
    return f"{registry}/{image.path}:{image.version}"


def _with(done: str, signatures: int) -> str:
    return f"{done}, signed" if signatures else done
