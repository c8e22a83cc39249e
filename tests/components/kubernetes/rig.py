"""What a component of the cluster makes, without an engine, and what the gate has to say of it."""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from components.kubernetes.context import Context
from infra.plan.check import Problem
from infra.plan.definitions import TOKEN, Definitions
from infra.plan.schema import is_custom
from policies.gate import about, bundle
from policies.gate.document import from_plan
from policies.gate.redact import redact
from tests.components.aws import rig
from tests.components.aws.rig import Made
from tests.rig import BIN

deployed, known, of_type = rig.deployed, rig.known, rig.of_type
REGISTRY = "111122223333.dkr.ecr.me-central-1.amazonaws.com"
SETTINGS: dict[str, Any] = {
    "kind": "region",
    "profile": "prod",
    "jurisdiction": "uae",
    "regimes": ["pdpl"],
    "data_class": "restricted",
    "lawful_basis": "consent",
    "policy": {
        "egress_cidrs": ["10.20.0.0/16", "172.20.0.0/16", "169.254.170.23/32"],
        "registries": [REGISTRY],
        "max_gpus": 32,
    },
}


def context(*, prod: bool = True) -> Context:
    """A cluster's facts."""
    return Context(
        stack="uae-aws",
        registry=f"{REGISTRY}/falaj",
        labels=rig.TAGS,
        prod=prod,
        network=["10.20.0.0/16"],
        services="172.20.0.0/16",
    )


def findings(made: Mapping[str, Made], *ignored: str) -> dict[tuple[str, str], str]:
    """{(rule, resource): message} of all that the gate finds in what was made; rules `ignored` are not asked."""
    stack, limits = about.of_settings(SETTINGS, name="uae-aws", dry_run=True, backend="file://state")
    steps = [
        {"urn": one.urn, "type": one.type, "op": "create", "inputs": dict(one.inputs), "options": _options(one)}
        for one in made.values()
        if one.type.startswith("kubernetes:")
    ]
    document = from_plan(steps, stack, limits).as_input()
    asked = subprocess.run(
        [BIN / "opa", "eval", "--bundle", _bundle(), "--stdin-input", "--format=raw", "data.falaj.gate.decision"],
        input=json.dumps(document),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(asked.stdout)
    assert not answer["errored"], f"no result from {answer['errored']}"
    return {
        (rule, name.rsplit("::", 1)[-1]): verdict["message"]
        for rule, said in answer["rules"].items()
        for name, verdict in said["open"].items()
        if rule not in ignored and name.startswith("urn:")
    }


def refused(made: Mapping[str, Made]) -> dict[str, list[Problem]]:
    """{resource: problems} of the custom resources that their types would refuse; types are those made beside them."""
    known = Definitions()
    found = {one.name: known.problems(one.type, redact(one.inputs)) for one in sorted(made.values(), key=_types_first)}
    assert all(known.of(one.inputs) for one in made.values() if is_custom(one.type)), "a type is not made"
    return {name: problems for name, problems in found.items() if problems}


@cache
def _bundle() -> Path:
    return bundle.stage(Path(tempfile.mkdtemp(prefix="falaj-test-"))).path


def _options(one: Made) -> dict[str, bool]:
    return {"protect": one.protect, "retainOnDelete": one.retain}


def _types_first(one: Made) -> bool:
    return one.type != TOKEN
