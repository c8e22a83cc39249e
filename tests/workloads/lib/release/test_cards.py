"""The model card: what its front matter says, and that it says all of it."""

import pytest
import yaml
from pydantic import ValidationError

from workloads.lib.release.cards import ModelCard, markdown

CARD = ModelCard(
    model="employment",
    owner="ml@x.ae",
    task="classification",
    target="employed",
    intended_use="Shows how a release works.",
    out_of_scope="Decisions about people.",
    limits="Trained on one state.",
    license="apache-2.0",
    mitigation={"method": "threshold", "uses_attribute": False},
)
RELEASE = {
    "digest": "sha256:" + "1" * 64,
    "data": {"digest": "sha256:" + "2" * 64, "source": "census"},
    "evaluation": {"rows": 900, "accuracy": 0.82, "accuracy_low": 0.81, "accuracy_high": 0.83, "confusion": {}},
    "fairness": {"sex": {"groups": {"f": {"n": 450, "tpr": 0.9}, "m": {"n": 450, "tpr": None}}, "suppressed": ["x"]}},
}


def test_the_front_matter_is_a_model_index_of_hugging_face():
    [model] = yaml.safe_load(markdown(CARD, RELEASE).split("---")[1])["model-index"]
    [result] = model["results"]
    assert model["name"] == "employment"
    assert result["task"] == {"type": "tabular-classification"}
    assert result["dataset"] == {"type": "sha256:" + "2" * 64, "name": "census"}
    assert result["metrics"] == [{"type": "accuracy", "value": 0.82}]


def test_everything_is_told():
    text = markdown(CARD, RELEASE)
    front = yaml.safe_load(text.split("---")[1])
    assert front["license"] == "apache-2.0"
    for part in ("Decisions about people.", "0.8100 to 0.8300", "| f | 450 | 0.9000 |", "| m | 450 | - |", "judge: x"):
        assert part in text
    assert "reads no protected attribute" in text
    assert markdown(CARD, {}).startswith("---")
    with pytest.raises(ValidationError):
        ModelCard.model_validate(CARD.model_dump() | {"limits": " "})
