"""A whole stack of any size, made of the rules' own good fixtures, in which there is nothing to find."""

import json
from typing import Any

from infra.errors import FalajError
from policies.gate import bundle, cases, opa, params
from policies.gate.decide import Gate
from policies.gate.document import Document, Resource, Stack

_FIXTURES = "{name: fixtures | some name; fixtures := data.falaj_test[name].fixtures}"
_TAGS = ("cost-centre", "data-class", "env", "owner", "purpose", "retention", "tenant")
STACK = Stack(
    name="bench",
    project="falaj",
    profile="prod",
    jurisdiction="uae",
    regimes=["pdpl"],
    regime="pdpl",
    data_class="internal",
    lawful_basis="contract",
    backend="s3://state?region=me-central-1",
    secrets_provider="awskms://alias/state?region=me-central-1",
    author="author@example.ae",
    dry_run=True,
)
Group = tuple[str, dict[str, Any]]


def document(size: int, gate: Gate) -> Document:
    """`size` resources: the groups in which no rule finds anything, copy by copy with names and edges of their own."""
    clean = [group for group in _groups() if not gate.decide(_made([group], 0)).denials]
    if not clean:
        raise FalajError("GATE-010", "bench", "no fixture is clean")
    return _made(clean, size)


def _made(groups: list[Group], size: int) -> Document:
    resources: dict[str, Resource] = {}
    copy = 0
    while not resources or len(resources) < size:
        for name, group in groups:
            names = {
                key: f"urn:pulumi:bench::falaj::{item['type']}::{name}-{copy}-{key}" for key, item in group.items()
            }
            for key, item in group.items():
                edges = {path: [names.get(to, to) for to in urns] for path, urns in (item.get("edges") or {}).items()}
                resources[names[key]] = Resource.model_validate(_hardened(item, f"{name}-{copy}") | {"edges": edges})
        copy += 1
    kept = dict(list(resources.items())[: size or None])
    registries = ["123456789012.dkr.ecr.me-central-1.amazonaws.com"]
    given = {"max_gpus": 100_000, "monthly_budget": 1_000_000, "registries": registries, "egress_cidrs": ["10.0.0.0/8"]}
    return Document(gate="stack", stack=STACK, resources=kept, params=params.resolve("uae", ["pdpl"], given))


def _hardened(item: dict[str, Any], suffix: str) -> dict[str, Any]:
    """What every component sets: region, tags, protection; and a namespace of the copy's own."""
    inputs = dict(item.get("inputs") or {})
    made = {**item, "name": suffix, "options": {"protect": True, "ignore_changes": []}, "inputs": inputs}
    if item["type"].startswith("aws:"):
        made["provider"] = {"type": "pulumi:providers:aws", "region": "me-central-1", **(item.get("provider") or {})}
        inputs["tags"] = dict.fromkeys(_TAGS, "internal") | (inputs.get("tags") or {})
    if item["type"].startswith("azure-native:"):
        inputs.setdefault("location", "uaenorth")
        inputs["tags"] = dict.fromkeys(_TAGS, "internal") | (inputs.get("tags") or {})
    metadata = inputs.get("metadata")
    if isinstance(metadata, dict):
        key = "name" if item["type"].endswith(":Namespace") else "namespace"
        if key in metadata:
            inputs["metadata"] = metadata | {key: f"{metadata[key]}-{suffix}"}
    return made


def _groups() -> list[Group]:
    arguments = ("--format", "raw", "-d", str(bundle.REGO), "-d", str(cases.TESTS))
    found: dict[str, Any] = json.loads(opa.run(opa.binary(), "eval", *arguments, _FIXTURES))
    return [
        (f"{rule}-{name}", fixture["good"]["resources"])
        for rule, fixtures in sorted(found.items())
        for name, fixture in sorted(fixtures.items())
        if fixture["good"].get("resources") and fixture["good"].get("gate", "stack") == "stack"
    ]
