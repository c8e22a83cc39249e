"""What KubeRay, Kueue and Ray take and what not, without any of them: for components, and for checks before a plan."""

import re
from collections.abc import Collection, Mapping
from typing import Any, cast

from components.kubernetes import bill

OLDEST = (2, 52, 0)
"""The first Ray that asks for a token; users of a Redis (2.41) and the autoscaler's second version are older."""
GROUPS = 7
"""Most worker groups: a workload of Kueue has eight sets of pods, of which the head is one."""
_INSTALLERS = ("pip", "uv", "conda", "container", "image_uri", "java_jars")
_FROM_OUTSIDE = re.compile(r"^(https?|git|ssh)(\+\w+)?://")


def release() -> str:
    """The Ray of the platform's own images."""
    return bill.image("ray-cpu").version.split("-")[0]


def require_version(version: str) -> None:
    """ValueError for a Ray that has not what every cluster is given."""
    found = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", version)
    if not found or tuple(map(int, found.groups())) < OLDEST:
        raise ValueError(f"Ray {version} asks for no token; the oldest that does is {'.'.join(map(str, OLDEST))}")


def require_groups(names: Collection[str]) -> None:
    """ValueError for worker groups that Kueue would refuse."""
    if not 1 <= len(names) <= GROUPS or len(set(names)) < len(names):
        raise ValueError(f"worker groups {', '.join(names)}: there must be 1 to {GROUPS}, none twice")
    if "head" in names:
        raise ValueError("a worker group is named head, as the head's own is")


def require_offline(environment: Mapping[str, Any], what: str) -> None:
    """ValueError for a runtime environment of Ray that fetches or installs from outside: what belongs in the image."""
    if wrong := [name for name in _INSTALLERS if environment.get(name)]:
        raise ValueError(f"{what} has `{wrong[0]}`, which installs from outside while it runs: put it in the image")
    modules = cast("list[str]", environment.get("py_modules") or [])
    for uri in (environment.get("working_dir"), *modules):
        if isinstance(uri, str) and _FROM_OUTSIDE.match(uri):
            raise ValueError(f"{what} fetches {uri}: put it in the image, or in the object store (s3://…)")
