"""Track: the registered model's parameters, figures and digests as one MLflow run."""

from typing import Any

from workloads.lib.registry import Model
from workloads.lib.track import Tracker


def track(tracker: Tracker, key: str, model: Model) -> str:
    """Record the run of that key; returns its id."""
    card = model.json("card.json")
    figures = _floats("", card["evaluation"]) | _floats("reference_", card["evaluation"]["reference"])
    for attribute, found in card["fairness"].items():
        figures |= _floats(f"{attribute}_", found)
    tags = {"model.digest": model.digest} | {f"{name}.digest": model.facts[name]["digest"] for name in ("data", "code")}
    params = card["training"] | {"train": model.facts["data"]["train"], "test": model.facts["data"]["test"]}
    return tracker.record(key, params, figures, card["losses"], tags)


def _floats(prefix: str, values: dict[str, Any]) -> dict[str, float]:
    return {prefix + name: value for name, value in values.items() if isinstance(value, float)}
