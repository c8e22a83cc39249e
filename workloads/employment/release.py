"""Release: the document the gate judges, made from the verified registry entry alone."""

from typing import Any

from workloads.lib.registry import Model


def document(model: Model) -> dict[str, Any]:
    """The evidence of a model release (the `release` of the gate document)."""
    card = model.json("card.json")
    return {
        "workload": model.name,
        "model": model.name,
        "digest": model.digest,
        "signature": model.signature,
        **{part: model.facts[part] for part in ("data", "code", "environment")},
        **{part: card[part] for part in ("evaluation", "fairness")},
    }
