"""What training costs: Ray Train against a plain torch loop, and the CPU profile against one fp32 thread.

Synthetic codes in the shape of the employment table; epochs after the first, medians, ratios pair by pair.
`python -m bench.train`; ROUNDS and EPOCHS in the environment.
"""

import os
import statistics
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch

from workloads.employment.network import Network
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore
from workloads.lib.train.examples import Examples, to_bytes
from workloads.lib.train.loop import Hooks, Loop
from workloads.lib.train.spec import Job, Profile, Training
from workloads.lib.workspace import Workspace

ROUNDS = int(os.environ.get("ROUNDS", "3"))
EPOCHS = int(os.environ.get("EPOCHS", "6"))
ROWS, COLUMNS, SLOTS = 68_785, 14, 212
CORES = len(os.sched_getaffinity(0))


def main() -> None:
    """Print a line for each measurement."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{ROWS:,} rows x {COLUMNS} codes, {CORES} cores, load {load}; {ROUNDS} rounds of {EPOCHS} epochs")
    sealed = table()
    _profiles(Examples.from_bytes(sealed, "train"))
    with tempfile.TemporaryDirectory() as scratch:
        _ray(sealed, Path(scratch))


def table() -> bytes:
    """Sealed examples: slots of an embedding, and a target that depends on them."""
    random = np.random.default_rng(0)
    slots = random.integers(1, SLOTS, (ROWS, COLUMNS)).astype(np.int16)
    return to_bytes({"slots": slots}, (slots[:, 0] + random.normal(0, 60, ROWS) > SLOTS / 2).astype(np.uint8))


def job(**changes: Any) -> Job:
    """The employment network's."""
    spec = {"seed": 7, "epochs": EPOCHS, "batch": 1024, "learning_rate": 0.01, "weight_decay": 0.01} | changes
    network = {"slots": SLOTS, "width": 64}
    return Job(
        task="classification",
        network="workloads.employment.network:Network",
        network_config=network,
        training=Training(**spec),
    )


def plain(data: Examples) -> list[float]:
    """Seconds of each epoch of the loop one would write by hand."""
    torch.set_num_threads(CORES)
    torch.manual_seed(7)
    network, taken = Network(SLOTS, 64), [time.perf_counter()]
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.01, fused=True)
    steps = EPOCHS * -(-len(data) // 1024)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps)
    for _ in range(EPOCHS):
        total = 0.0
        for rows in torch.randperm(len(data)).split(1024):
            score = network(data.inputs["slots"][rows])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(score, data.target[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(rows)
        taken.append(time.perf_counter())
    return [after - before for before, after in pairwise(taken)]


def ours(data: Examples, threads: int, **changes: Any) -> list[float]:
    """Seconds of each epoch of our loop in this process."""
    torch.set_num_threads(threads)
    taken: list[float] = []
    loop = Loop(job(**changes), data, hooks=Hooks(finished_epoch=lambda _: taken.append(time.perf_counter())))
    taken.append(time.perf_counter())
    loop.run()
    return [after - before for before, after in pairwise(taken)]


def _profiles(data: Examples) -> None:
    profiles: dict[str, tuple[int, dict[str, Any]]] = {
        "naive: one thread, fp32, batch 64": (1, {"batch": 64}),
        "  all cores": (CORES, {"batch": 64}),
        "  all cores, batch 1024": (CORES, {}),
        "  all cores, batch 1024, bf16": (CORES, {"precision": "bf16"}),
        "  all cores, batch 8192": (CORES, {"batch": 8192}),
        "  all cores, batch 8192, bf16": (CORES, {"batch": 8192, "precision": "bf16"}),
    }
    taken: dict[str, list[float]] = {name: [] for name in profiles}
    for _ in range(ROUNDS):
        for name, (threads, changes) in profiles.items():
            taken[name].append(statistics.median(ours(data, threads, **{"epochs": 3, **changes})[1:]))
    naive = next(iter(taken.values()))
    for name, seconds in taken.items():
        ratios = sorted(one / other for one, other in zip(naive, seconds, strict=True))
        speed = ROWS / statistics.median(seconds)
        times = f"{statistics.median(ratios):.2f} times naive ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"{name:<40}{speed:12,.0f} rows/s  {times}")


def _ray(sealed: bytes, scratch: Path) -> None:
    from tests.workloads.lib.train.conftest import make_platform
    from tests.workloads.ray_here import ray_here
    from workloads.lib.train.fit import fit

    platform = make_platform(scratch)
    ring = KeyRing.open(scratch / "keys/ring.json", b"correct horse")
    work = Workspace(ObjectStore.open(scratch / "store", ring), "bench")
    work.put("train", sealed)
    data, on = Examples.from_bytes(sealed, "train"), Profile("cpu", 1, 1, CORES, CORES)
    by_hand: list[float] = []
    by_ray: list[float] = []
    in_process: list[float] = []
    with ray_here(CORES):
        for _ in range(ROUNDS):
            by_hand.append(statistics.median(plain(data)[1:]))
            history = fit(platform, work, job(), on, scratch)["history"]
            at = [row["at"] / 1000 for row in history]
            by_ray.append(statistics.median(after - before for before, after in pairwise(at)))
            in_process.append(statistics.median(ours(data, CORES)[1:]))
    print(f"{'an epoch of a plain torch loop':<40}{statistics.median(by_hand):8.3f} s")
    for name, seconds in (("our loop in this process", in_process), ("our loop on Ray Train", by_ray)):
        ratios = sorted(one / other for one, other in zip(seconds, by_hand, strict=True))
        spread = f"{statistics.median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f})"
        print(f"{'  ' + name:<40}{statistics.median(seconds):8.3f} s  ratio {spread}")


if __name__ == "__main__":
    main()
