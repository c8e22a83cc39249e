"""What components cost: a preview of a region of AWS beside one of its resources alone, and with more GPU pools."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from infra.engine import Engine
from infra.home import PROJECT
from infra.plan.names import UNKNOWN
from infra.plan.rehearsal import rehearsal

ROUNDS = int(os.environ.get("ROUNDS", "5"))
POOLS = (1, 2, 4, 8)
STACK = "uae-aws"


def main() -> None:
    """Print medians, ratios pair by pair, and a line for each number of pools."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        os.environ |= {"FALAJ_STACKS": scratch, "FALAJ_HOME": f"{scratch}/home"}
        with _region(folder) as engine:
            flat = _flat(folder, engine)
            previews = {"components": _preview(engine), "flat": flat}
            pairs = [{name: _seconds(each) for name, each in previews.items()} for _ in range(ROUNDS + 1)][1:]
        for name in previews:
            print(f"preview of {STACK}, {name:<36}{statistics.median(pair[name] for pair in pairs):8.2f} s")
        ratios = sorted(pair["components"] / pair["flat"] for pair in pairs)
        print(f"  ratio, pair by pair {statistics.median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f})")
        for pools in POOLS:
            with _region(folder, pools) as engine:
                seconds = [_seconds(_preview(engine)) for _ in range(3)]
            print(f"  with {pools} GPU pools {statistics.median(seconds[1:]):8.2f} s")


@contextmanager
def _region(folder: Path, pools: int | None = None) -> Iterator[Engine]:
    """The shipped region in `dev`, which wants no pack, with that many pools of L40S in place of its GPU pools."""
    file = folder / f"Pulumi.{STACK}.yaml"
    document = yaml.safe_load((PROJECT / "stacks" / file.name).read_text())
    config: dict[str, Any] = document["config"]
    config["falaj:profile"] = "dev"
    if pools is not None:
        gpu = config["falaj:pools"]["l40s"]
        rest = {name: pool for name, pool in config["falaj:pools"].items() if pool["kind"] != "gpu"}
        config["falaj:pools"] = rest | {f"l40s-{number}": gpu for number in range(pools)}
        config["falaj:quotas"]["g"] *= pools
    file.write_text(yaml.safe_dump(document))
    with rehearsal(STACK) as engine:
        yield engine


def _preview(engine: Engine, *more: str) -> list[Any]:
    command = ["pulumi", "preview", "--non-interactive", "--stack", engine.stack, "--config-file", engine.config_file]
    return [[*map(str, command), *more], PROJECT, {**os.environ, **engine.environment()}]


def _flat(folder: Path, engine: Engine) -> list[Any]:
    """A preview of the flat program, of the inputs that the region's own preview has."""
    steps = engine.plan().json["steps"]
    items = [
        {"type": new["type"], "name": step["urn"].rsplit("::", 1)[-1], "inputs": _known(new["inputs"])}
        for step in steps
        if (new := step["newState"])["type"].startswith("aws:")
    ]
    listed = folder / "resources.json"
    listed.write_text(json.dumps(items))
    home, source = folder / "flat", PROJECT / "bench" / "flat"
    environment = {**os.environ, **engine.environment(), "RESOURCES": str(listed)}
    environment |= {"PULUMI_HOME": str(home / "pulumi"), "PULUMI_BACKEND_URL": f"file://{home}"}
    home.mkdir()
    subprocess.run(
        ["pulumi", "stack", "init", "flat", "--non-interactive"],
        cwd=source,
        env=environment,
        check=True,
        capture_output=True,
    )
    (source / "Pulumi.flat.yaml").rename(home / "Pulumi.flat.yaml")
    command = ["pulumi", "preview", "--non-interactive", "--stack", "flat", "--config-file"]
    return [[*command, str(home / "Pulumi.flat.yaml")], source, environment]


def _known(value: Any) -> Any:
    """What is not known before apply, as a text like any other."""
    match value:
        case dict():
            return {key: _known(item) for key, item in value.items() if not key.startswith("__")}
        case list():
            return [_known(item) for item in value]
        case _:
            return "not-known" if value == UNKNOWN else value


def _seconds(preview: list[Any]) -> float:
    command, folder, environment = preview
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit((done.stdout + done.stderr)[-3000:])
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
