"""A whole stack of any size, made of the rules' own good fixtures: every type that a rule is about is in it."""

import json
from typing import Any

from policies.gate import bundle, cases, opa, params
from policies.gate.document import Document, Resource, Stack

_FIXTURES = "{name: fixtures | some name; fixtures := data.falaj_test[name].fixtures}"
STACK = Stack(
    name="bench",
    project="falaj",
    profile="prod",
    jurisdiction="uae",
    regimes=["pdpl"],
    regime="pdpl",
    data_class="restricted",
    lawful_basis="contract",
    backend="s3://state?region=me-central-1",
    secrets_provider="awskms://alias/state?region=me-central-1",
    author="author@example.ae",
    dry_run=True,
)


def document(size: int) -> Document:
    """`size` resources, their names and edges made unique copy by copy."""
    groups = _groups()
    resources: dict[str, Resource] = {}
    copy = 0
    while len(resources) < size:
        for name, group in groups:
            names = {
                key: f"urn:pulumi:bench::falaj::{item['type']}::{name}-{copy}-{key}" for key, item in group.items()
            }
            for key, item in group.items():
                edges = {path: [names.get(to, to) for to in urns] for path, urns in (item.get("edges") or {}).items()}
                made = {"name": f"{name}-{copy}-{key}", "edges": edges, "inputs": _own(item, f"{name}-{copy}")}
                resources[names[key]] = Resource.model_validate(item | made)
        copy += 1
    kept = dict(list(resources.items())[:size])
    limits = params.resolve("uae", ["pdpl"], {"max_gpus": 100_000, "monthly_budget": 1_000_000})
    return Document(gate="stack", stack=STACK, resources=kept, params=limits)


def _own(item: dict[str, Any], suffix: str) -> dict[str, Any]:
    """The inputs, in a namespace of the copy's own: thousands of groups do not share one in a real stack."""
    metadata = item["inputs"].get("metadata")
    if not isinstance(metadata, dict) or not item["type"].startswith("kubernetes:"):
        return item["inputs"]
    key = "name" if item["type"].endswith(":Namespace") else "namespace"
    return item["inputs"] | {"metadata": metadata | ({key: f"{metadata[key]}-{suffix}"} if key in metadata else {})}


def _groups() -> list[tuple[str, dict[str, Any]]]:
    arguments = ("--format", "raw", "-d", str(bundle.REGO), "-d", str(cases.TESTS))
    found: dict[str, Any] = json.loads(opa.run(opa.binary(), "eval", *arguments, _FIXTURES))
    return [
        (f"{rule}-{name}", fixture["good"]["resources"])
        for rule, fixtures in sorted(found.items())
        for name, fixture in sorted(fixtures.items())
        if fixture["good"].get("resources") and fixture["good"].get("gate", "stack") == "stack"
    ]
