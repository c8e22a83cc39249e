"""Latency, measured where requests arrive: the endpoint's URL, so that proxy, router and model all count."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from infra.errors import FalajError
from workloads.lib import http
from workloads.lib.release.interval import rounded

WARM = 20
"""Requests in front that do not count."""
SECONDS = 10.0


def measure(
    url: str, bodies: Sequence[Any], model: str, *, requests: int = 500, concurrency: int = 8
) -> dict[str, Any]:
    """{model, url, requests, failed, concurrency, p50_ms, p95_ms, p99_ms, per_second} of `requests` POSTs.

    `concurrency` clients each send the next of `bodies`, in turn, as soon as they have an answer, on a connection of
    its own. An answer that is not 200, comes after ten seconds or is another model's is a failure; its time counts
    too.
    RLS-003 when `model` does not answer there at all.
    """
    for body in bodies[:WARM]:
        _once(url, body, model)
    with ThreadPoolExecutor(concurrency) as clients:
        began = time.perf_counter()
        sent = [clients.submit(_once, url, bodies[at % len(bodies)], model) for at in range(requests)]
        answers = [one.result() for one in sent]
        took = time.perf_counter() - began
    if not any(good for good, _ in answers):
        raise FalajError("RLS-003", url, f"none of {requests} requests was answered by {model}")
    p50, p95, p99 = (float(at) for at in np.percentile([seconds * 1000 for _, seconds in answers], [50, 95, 99]))
    return rounded(
        {
            "model": model,
            "url": url,
            "requests": requests,
            "failed": sum(not good for good, _ in answers),
            "concurrency": concurrency,
            "p50_ms": p50,
            "p95_ms": p95,
            "p99_ms": p99,
            "per_second": requests / took,
        }
    )


def _once(url: str, body: Any, model: str) -> tuple[bool, float]:
    began = time.perf_counter()
    try:
        status, answer = http.call(url, body, seconds=SECONDS)
    except http.NoAnswer:
        return False, time.perf_counter() - began
    took = time.perf_counter() - began
    good = status == 200 and isinstance(answer, dict) and answer.get("model") == model  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return bool(good), took  # pyright: ignore[reportUnknownArgumentType]
