"""`python -m bench.serve`: the router's cost. Concurrency 1 to 256, the same model and schema in four ways of serving.

FastAPI on one uvicorn worker; an ingress of Ray Serve that asks one variant, without and with a request log; the router
with two arms. The client is one process with as many open connections; every way is asked in turn, in rounds. What the
router and the log add is told from clients who ask all ways in turn, in a new order each time: differences of
neighbours, for what else the machine does meets them all. CONCURRENCY, SECONDS, ROUNDS and PAIRED (seconds) in the
environment.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from tests.workloads.lib.serve.conftest import NAME, ROW, Models, register
from tests.workloads.lib.serve.live import free_port, serving
from workloads.lib.serve.dispatcher import Asked, Dispatcher, Row
from workloads.lib.serve.log import RequestLog
from workloads.lib.serve.plan import Arm, Plan
from workloads.lib.serve.rollout import apply
from workloads.lib.serve.scale import Scale

CONCURRENCY = tuple(int(n) for n in os.environ.get("CONCURRENCY", "1,4,16,64,256").split(","))
SECONDS = float(os.environ.get("SECONDS", "3"))
ROUNDS = int(os.environ.get("ROUNDS", "3"))
PAIRED = float(os.environ.get("PAIRED", "15"))
BODY = json.dumps(ROW).encode()


def main() -> None:
    """Print a line for each concurrency and way."""
    print(f"{len(os.sched_getaffinity(0))} cores, load {load()}; {ROUNDS} rounds of {SECONDS:g} s; medians of rounds")
    with tempfile.TemporaryDirectory() as folder:
        models = register(Path(folder))
        own(models)
        with plain(models) as beside, serving() as (serve, port):
            ways = {"plain FastAPI and uvicorn": (beside, "/predict")} | served(serve, models, port)
            for clients in CONCURRENCY:
                compare(ways, clients)
                added(ways, clients)
            print(f"load {load()} at the end")


def load() -> str:
    return ", ".join(f"{value:.1f}" for value in os.getloadavg())


def own(models: Models, requests: int = 20_000) -> None:
    """What a request costs the router's process by itself, to an arm that costs nothing: plan, hashes, record, log."""
    arms = (Arm(name="old", model=models.champion), Arm(name="new", model=models.challenger))

    async def ask(arm: Arm, _: Row) -> tuple[float, str, str]:
        return 0.5, arm.model, "features"

    async def answers(dispatcher: Dispatcher) -> None:
        for number in range(requests):
            await dispatcher.answer(Asked(ROW, f"s{number}"))

    log = RequestLog(models.registry.store, "own")
    began = time.process_time()
    asyncio.run(answers(Dispatcher(Plan(experiment="x", arms=arms), bytes(32), log, ask)))
    log.close()
    spent = (time.process_time() - began) / requests * 1e6
    print(f"the router's own work, sealed log included: {spent:.0f} us of a core a request")


def served(serve: Any, models: Models, port: int) -> dict[str, tuple[int, str]]:
    """The ways on Ray Serve: {name: (port, path)}."""
    from bench.serve_plain import Bare
    from workloads.lib.serve.endpoint import start

    arms = (Arm(name="old", model=models.champion), Arm(name="new", model=models.challenger))
    scale = Scale(ongoing=512, queued=4096)
    apply(serve, models.platform_file, NAME, Plan(experiment="x", arms=arms), scale, scale)
    found = {"router, two arms, logged": (port, f"/{NAME}/predict")}
    bare: Any = Bare
    for log in (True, False):
        name = "bare-logged" if log else "bare"
        arguments = (str(models.platform_file), NAME, models.champion, log)
        start(serve, bare.options(**scale.options()).bind(*arguments), name, f"/{name}")
        told = "ingress and a variant, logged" if log else "ingress and a variant, no router"
        found[told] = (port, f"/{name}/predict")
    return found


def compare(ways: dict[str, tuple[int, str]], clients: int) -> None:
    """Every way in turn, ROUNDS times after one to warm up."""
    taken: dict[str, list[list[float]]] = {name: [] for name in ways}
    failed = dict.fromkeys(ways, 0)
    for number in range(ROUNDS + 1):
        for name, (port, path) in ways.items():
            times, wrong = asyncio.run(ask(port, (path,), clients, SECONDS if number else 1))
            if number:
                taken[name].append([time for (time,) in times])
                failed[name] += wrong
    p50 = {name: [quantile(times, 0.5) for times in rounds] for name, rounds in taken.items()}
    plainly = p50["plain FastAPI and uvicorn"]
    for name, rounds in taken.items():
        speed = statistics.median(len(times) / SECONDS for times in rounds)
        p99 = statistics.median(quantile(times, 0.99) for times in rounds)
        ratio = statistics.median(one / other for one, other in zip(p50[name], plainly, strict=True))
        figures = f"{speed:8,.0f}/s  p50 {statistics.median(p50[name]):8.2f}  p99 {p99:8.2f} ms"
        print(f"{clients:>4}  {name:<34}{figures}  {ratio:6.2f} times plain, {failed[name]} failed", flush=True)


def added(ways: dict[str, tuple[int, str]], clients: int) -> None:
    """What router and log add: medians of the differences of a client's neighbouring requests, with 95 % intervals."""
    _, (port, router), (_, logged), (_, bare) = ways.values()
    turns, wrong = asyncio.run(ask(port, (router, logged, bare), clients, PAIRED))
    for told, more, less in (("the router adds", 0, 1), ("the log adds", 1, 2)):
        differences = sorted(turn[more] - turn[less] for turn in turns)
        half = 0.98 * len(turns) ** 0.5  # the order statistics that enclose a median 95 times in 100
        low, high = (differences[max(0, min(len(turns) - 1, int(len(turns) / 2 + by)))] for by in (-half, half))
        spread = f"({low:.2f} to {high:.2f}, {len(turns)} pairs, {wrong} failed)"
        print(f"{clients:>4}    {told:<16}{statistics.median(differences):8.2f} ms p50 {spread}", flush=True)


async def ask(port: int, paths: tuple[str, ...], clients: int, seconds: float) -> tuple[list[list[float]], int]:
    """(turns, failed) of so many clients, each asking again when answered. A turn: milliseconds of each path."""
    turns: list[list[float]] = []
    wrong = 0
    end = time.perf_counter() + seconds

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        random = Random(number)  # noqa: S311 - else clients fall into step and queue up at one way after the other
        while time.perf_counter() < end:
            order = random.sample(paths, len(paths))
            taken = {path: await once(reader, writer, path, number) for path in order}
            turns.append([taken[path] for path in paths])
        writer.close()

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, number: int) -> float:
        nonlocal wrong
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nfalaj-subject: s{number}\r\n"
        began = time.perf_counter()
        writer.write(f"{head}Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY)
        answered = await reader.readuntil(b"\r\n\r\n")
        length = answered.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        await reader.readexactly(int(length))
        wrong += b" 200 " not in answered[:16]
        return (time.perf_counter() - began) * 1000

    await asyncio.gather(*(client(number) for number in range(clients)))
    return turns, wrong


def quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


@contextmanager
def plain(models: Models) -> Iterator[int]:
    """The port of a uvicorn with the same model, in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "bench.serve_plain", str(models.platform_file), NAME, models.champion, str(port)]
    child = subprocess.Popen(command)
    try:
        wait(lambda: asyncio.run(ask(port, ("/predict",), 1, 0.01))[1] == 0)
        yield port
    finally:
        child.terminate()
        child.wait()


def wait(ready: Callable[[], bool]) -> None:
    """Until it is ready, for a minute."""
    for _ in range(120):
        try:
            if ready():
                return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError("the plain server did not start")


if __name__ == "__main__":
    main()
