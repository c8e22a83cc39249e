"""Reproduce: what a training depends on, as facts, and whether doing it again gave the same weights."""

from collections.abc import Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from workloads.lib import fingerprint
from workloads.lib.train.spec import Job


def facts(job: Job, trained: Mapping[str, Any], data: Mapping[str, str], *code: Path) -> dict[str, Any]:
    """{job, data: {table: version}, code, environment, seed, precision, hardware}; digests, no names of machines.

    `trained` is what `fit` returned, `code` the folders whose Python files count.
    """
    return {
        "job": job.digest,
        "data": dict(sorted(data.items())),
        "code": fingerprint.of_code(*code),
        "environment": environment(),
        "seed": job.training.seed,
        "precision": job.training.precision,
        "hardware": hardware_class(trained),
    }


def environment() -> str:
    """Digest of every installed distribution and its version."""
    return fingerprint.of_value(sorted({f"{found.name}=={found.version}" for found in distributions()}))


def hardware_class(trained: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What each attempt ran on, repeats left out: a run that was killed is of the class of one that was not.

    Workers count: more of them add the same numbers in another order.
    """
    used = [dict(attempt["hardware"]) | {"workers": attempt["workers"]} for attempt in trained["attempts"]]
    return [one for at, one in enumerate(used) if one not in used[:at]]


def verify(was: Mapping[str, Any], weights: str, now: Mapping[str, Any], again: str) -> list[str]:
    """Names of the facts that differ; none means that the weights were made again bit for bit.

    TRN-008 when no fact differs and the weights do.
    """
    changed = sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))
    if not changed and weights != again:
        raise FalajError("TRN-008", f"training {was['job'][:19]}…", f"the weights were {weights}, they are {again}")
    return changed
