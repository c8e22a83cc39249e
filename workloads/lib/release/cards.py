"""The model card: what a model is for, what it is not for, how good it is; as data, and as Markdown for people.

The front matter is Hugging Face's (`model-index` with a result for each figure). The data set has a card of its own.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
TASKS = {"classification": "tabular-classification", "regression": "tabular-regression"}
"""Hugging Face's names."""


class ModelCard(BaseModel):
    """What its owner says about a model. The figures come from the evidence, never from here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Text
    owner: Text
    """Whom to ask."""
    task: Literal["classification", "regression"]
    target: Text
    intended_use: Text
    out_of_scope: Text
    """Uses it must not have."""
    limits: Text
    """Known weaknesses, for whom and when it is wrong."""
    license: Text
    mitigation: dict[str, Any] = Field(default_factory=dict[str, Any])
    """What was done when fairness failed: a record of `mitigate`."""


def markdown(card: ModelCard, release: Mapping[str, Any]) -> str:
    """The card with the evidence's figures, as a README.md. `release`: {evaluation, fairness, data: {digest, source}}.

    A model's own digest is not in it: the page is part of the entry that the digest is of.
    """
    evaluation: Mapping[str, Any] = release.get("evaluation") or {}
    data: Mapping[str, Any] = release.get("data") or {}
    figures = [name for name in evaluation if f"{name}_low" in evaluation]
    front = {
        "license": card.license,
        "tags": ["falaj", TASKS[card.task]],
        "model-index": [
            {
                "name": card.model,
                "results": [
                    {
                        "task": {"type": TASKS[card.task]},
                        "dataset": {"type": str(data.get("digest", "")), "name": str(data.get("source", ""))},
                        "metrics": [{"type": name, "value": evaluation[name]} for name in figures],
                    }
                ],
            }
        ],
    }
    rows = [
        f"| {name} | {evaluation[name]:.4f} | {evaluation[f'{name}_low']:.4f} to {evaluation[f'{name}_high']:.4f} |"
        for name in figures
    ]
    parts = [
        "---\n" + yaml.safe_dump(front, sort_keys=False, allow_unicode=True) + "---",
        f"# {card.model}",
        f"Owner: {card.owner}. Target: `{card.target}`.",
        f"## Use\n\n{card.intended_use}",
        f"## Not for\n\n{card.out_of_scope}",
        f"## Limits\n\n{card.limits}",
        f"## Quality\n\nOn {evaluation.get('rows', 0):,} rows the model was not trained on, with 95 % intervals.\n\n"
        + "\n".join(["| figure | value | interval |", "|---|---:|---|", *rows]),
        *_groups(release.get("fairness") or {}),
        *([f"## Mitigation\n\n{_mitigation(card.mitigation)}"] if card.mitigation else []),
    ]
    return "\n\n".join(parts) + "\n"


def _groups(fairness: Mapping[str, Any]) -> list[str]:
    told: list[str] = []
    for attribute, found in fairness.items():
        kinds = [kind for kind in next(iter(found["groups"].values())) if kind != "n"]
        lines = [f"| {' | '.join(['group', 'rows', *kinds])} |", "|---" * (len(kinds) + 2) + "|"]
        for name, group in found["groups"].items():
            values = ["-" if group[kind] is None else f"{group[kind]:.4f}" for kind in kinds]
            lines.append(f"| {' | '.join([name, str(group['n']), *values])} |")
        small = f"\n\nToo small to judge: {', '.join(found['suppressed'])}." if found.get("suppressed") else ""
        told.append(f"## By {attribute}\n\n" + "\n".join(lines) + small)
    return told


def _mitigation(record: Mapping[str, Any]) -> str:
    reads = (
        "It decides by the protected attribute." if record.get("uses_attribute") else "It reads no protected attribute."
    )
    return f"{record.get('method', 'none')}. {reads}"
