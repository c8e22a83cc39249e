"""Register: weights, transform and model card, with what they were made from, as one signed registry entry."""

from typing import Any

from workloads.employment.columns import FEATURES, TARGET
from workloads.employment.spec import Spec
from workloads.lib.fingerprint import canonical
from workloads.lib.registry import Registry
from workloads.lib.workspace import Workspace


def register(registry: Registry, name: str, work: Workspace, spec: Spec, made_by: dict[str, Any]) -> str:
    """Publish what `work` holds; returns the model's digest. `made_by`: {run, code, environment} of the manifest.

    No date and no name of a machine is in it: the same data, code and packages give the same digest.
    """
    evidence = work.get_json("evidence")
    card = {
        "model": name,
        "use": f"probability of `{TARGET}` from {len(FEATURES)} census columns; not for decisions about people",
        "data": spec.data.model_dump(mode="json"),
        "training": spec.training.model_dump(mode="json"),
        "losses": work.get_json("losses"),
        **evidence,
    }
    files = {
        "model.safetensors": work.get("weights"),
        "features.json": work.get("features"),
        "card.json": canonical(card),
    }
    data = {
        "digest": f"sha256:{spec.data.sha256}",
        "train": str(spec.data.train_year),
        "test": str(spec.data.test_year),
        "rows_train": work.get_json("rows")["train"],
        "rows_test": evidence["evaluation"]["rows"],
        "quarantined": work.get_json("counts")["quarantined"],
        "source": spec.data.source,
    }
    return registry.publish(name, files, {**made_by, "data": data})
