"""What the gate costs: previews with and without it, a decision about a whole stack, and others beside it.

`conftest` (a Go module, built once into the cache) is given the same rules and the same input; `pulumi-policy` (in an
environment of its own) ten of the rules in plain Python: bench/plain.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench import corpus
from infra.home import PROJECT
from infra.plan.serve import attached
from infra.toolchain import cache
from policies.gate import bundle, opa
from policies.gate.decide import Gate
from policies.gate.index import index

BIN = Path(sys.executable).parent
ROUNDS = int(os.environ.get("ROUNDS", "3"))
SIZES = [int(size) for size in os.environ.get("SIZES", "100,500,2000").split(",")]
CONFTEST = "github.com/open-policy-agent/conftest@v0.71.1"
PLAIN = "pulumi-policy==1.21.0"


def main() -> None:
    """Print a line for each measurement; medians, and ratios pair by pair."""
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as open_:
        folder = Path(scratch)
        environment = open_.enter_context(_previewing(folder))
        for size in SIZES:
            _previews(size, environment, folder)
        _decisions(folder)


@contextmanager
def _previewing(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a preview of bench/program, on a backend of its own, with the plan providers attached."""
    with attached() as providers:
        shim = folder / "bin"
        shim.mkdir()
        script = shim / "pulumi-analyzer-policy-plain"
        script.write_text(f'#!/bin/sh\nexec {_plain_python()} -u -m pulumi.policy "$@"\n')
        script.chmod(0o755)
        environment = {
            **os.environ,
            **providers,
            "PATH": os.pathsep.join([str(shim), str(BIN), os.environ["PATH"]]),
            "FALAJ_HOME": str(folder / "home"),
            "PULUMI_HOME": str(folder / "pulumi"),
            "PULUMI_BACKEND_URL": f"file://{folder}",
            "PULUMI_CONFIG_PASSPHRASE": "bench",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        settings = {"profile": "dev", "kind": "region", "jurisdiction": "uae", "data_class": "internal"}
        config = "".join(f"  falaj:{key}: {value}\n" for key, value in settings.items())
        file = folder / "Pulumi.bench.yaml"
        file.write_text(f"config:\n{config}")
        init = ["pulumi", "stack", "init", "bench", "--non-interactive"]
        subprocess.run(init, cwd=PROJECT / "bench" / "program", env=environment, check=True, capture_output=True)
        (PROJECT / "bench" / "program" / "Pulumi.bench.yaml").unlink(missing_ok=True)
        yield environment | {"PULUMI_OPTION_CONFIG_FILE": str(file), "PULUMI_STACK": "bench"}


def _previews(size: int, environment: dict[str, str], folder: Path) -> None:
    packs = {"without": "", "gate": str(PROJECT / "policies"), "plain": str(PROJECT / "bench" / "plain")}
    taken: dict[str, list[float]] = {name: [] for name in packs}
    for _ in range(ROUNDS):
        for name, pack in packs.items():
            chosen = ["--policy-pack", pack] if pack else []
            began = time.perf_counter()
            done = subprocess.run(
                ["pulumi", "preview", "--non-interactive", *chosen],
                cwd=PROJECT / "bench" / "program",
                env=environment | {"RESOURCES": str(size)},
                capture_output=True,
                text=True,
                check=False,
            )
            taken[name].append(time.perf_counter() - began)
            if done.returncode:
                (folder / f"{name}.log").write_text(done.stdout + done.stderr)
                sys.exit(f"{name}: {(done.stdout + done.stderr)[-3000:]}")
    base = statistics.median(taken["without"])
    print(f"preview of {size} resources, without a pack     {base:8.2f} s")
    for name, what in (("gate", "the gate, all rules"), ("plain", "pulumi-policy, ten rules")):
        ratios = sorted(one / other for one, other in zip(taken[name], taken["without"], strict=True))
        median = statistics.median(taken[name])
        spread = f"{statistics.median(ratios):.3f} ({ratios[0]:.3f} to {ratios[-1]:.3f})"
        print(f"  with {what:<34}{median:8.2f} s  ratio {spread}")


def _decisions(folder: Path) -> None:
    with Gate.start(log=folder / "decisions.jsonl", timeout=120) as gate:
        question = corpus.document(10_000, gate)
        times: list[float] = []
        for _ in range(ROUNDS + 1):
            began = time.perf_counter()
            decision = gate.decide(question)
            times.append(time.perf_counter() - began)
        judged = sum(decision.coverage.evaluated.values())
        ours = statistics.median(times[1:])
        rules = len(gate.rules) - 1
    found = f"{judged:,} judgements, {len(decision.findings)} findings"
    print(f"one decision, {len(question.resources):,} resources x {rules} rules, {found}")
    print(f"  the gate, OPA running                  {ours:8.2f} s")
    body = question.as_input()
    file = folder / "input.json"
    file.write_text(json.dumps({**body, "index": index(body["resources"], body["operations"])}))
    rules_of = bundle.stage(folder / "bundles").path  # with the catalogue of the rules
    wrapper = folder / "conftest"
    wrapper.mkdir()
    (wrapper / "main.rego").write_text(
        'package main\n\ndeny contains message if {\n\tsome id, rule in data.falaj.gate.rules\n\tid != "CAN-000"\n'
        '\tsome subject, verdict in rule.open\n\tmessage := sprintf("%s %s %s", [id, subject, verdict.message])\n}\n'
    )
    beside = {
        "opa eval": [
            opa.binary(),
            "eval",
            "--format",
            "raw",
            "-d",
            rules_of,
            "-i",
            file,
            "count(data.falaj.gate.rules)",
        ],
        "conftest test": [_conftest(), "test", "--no-color", "-p", rules_of, "-d", rules_of, "-p", wrapper, file],
    }
    for name, command in beside.items():
        taken: list[float] = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
            taken.append(time.perf_counter() - began)
            if done.returncode not in (0, 1):
                sys.exit(f"{name}: {(done.stdout + done.stderr)[-2000:]}")
        median = statistics.median(taken)
        print(f"  {name:<37}{median:8.2f} s  {median / ours:.2f} times the gate")


def _conftest() -> Path:
    found = cache() / "bench" / "conftest"
    if not found.exists():
        environment = {**os.environ, "GOBIN": str(found.parent), "GOFLAGS": "-mod=mod"}
        subprocess.run(["go", "install", CONFTEST], env=environment, check=True)
    return found


def _plain_python() -> Path:
    folder = cache() / "bench" / "plain"
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PLAIN, "pip"], check=True)
    return python


if __name__ == "__main__":
    main()
