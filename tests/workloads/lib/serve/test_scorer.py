import numpy as np
import pytest
from safetensors.torch import save

from infra.errors import FalajError
from tests.workloads.lib.serve.conftest import NAME, PLAN, SCHEMA, Models, job_of
from workloads.lib.serve.described import ONNX, Described
from workloads.lib.serve.export import BOUND, export
from workloads.lib.serve.scorer import Scorer
from workloads.lib.serve.to_onnx import to_onnx
from workloads.lib.train.loop import build


def test_onnx_and_torch_say_the_same_of_real_rows_and_the_difference_is_written_down(models: Models) -> None:
    entry = models.registry.load(NAME, models.champion)
    parity = Described.model_validate_json(entry.files["serving.json"]).parity
    assert parity
    assert parity.rows == 500
    assert 0 <= parity.max_difference <= parity.bound == BOUND
    without = {name: data for name, data in entry.files.items() if name != ONNX}
    torch_only = models.registry.load(NAME, models.registry.publish(NAME, without, {}))
    columns = {name: models.flights[name] for name in PLAN.names}
    onnx, torch = Scorer(entry).columns(columns), Scorer(torch_only).columns(columns)
    assert len(onnx) == 3000
    assert np.abs(onnx - torch).max() < 1e-6
    assert 0 < onnx.min() < onnx.max() < 1
    assert onnx.std() > 0.001


def test_the_same_network_has_the_same_bytes_whoever_exports_it_and_names_no_folder(models: Models) -> None:
    entry, fitted = models.registry.load(NAME, models.champion), models.scorer(models.champion).transform
    inputs = fitted.encode({name: models.flights[name].slice(0, 3) for name in PLAN.names})
    again = to_onnx(job_of(fitted, 1), entry.files["model.safetensors"], inputs)
    assert again == entry.files[ONNX]
    assert b".py" not in again


def test_rows_are_scored_alike_alone_and_together_and_the_models_differ(models: Models) -> None:
    rows = models.flights.slice(0, 40).to_pylist()
    scorer = models.scorer(models.champion)
    together = scorer.score(rows)
    alone = np.concatenate([scorer.score([row]) for row in rows])
    assert np.abs(together - alone).max() < 1e-7  # fp32: a batch is summed in another order
    assert np.abs(together - models.scorer(models.challenger).score(rows)).max() > 0.01


def test_a_network_whose_onnx_form_says_something_else_is_refused(models: Models) -> None:
    fitted = models.scorer(models.champion).transform
    job = job_of(fitted, 1).model_copy(update={"network": "tests.workloads.lib.serve.networks:build_random"})
    sample = {name: models.flights[name].slice(0, 20) for name in PLAN.names}
    with pytest.raises(FalajError, match=r"SRV-001.*differ by"):
        export(save(build(job).state_dict()), job, fitted, SCHEMA, sample)


def test_an_entry_without_its_files_or_with_others_weights_is_not_served(models: Models) -> None:
    entry = models.registry.load(NAME, models.champion)
    bare = models.registry.publish(NAME, {"transform.json": entry.files["transform.json"]}, {})
    with pytest.raises(FalajError, match=r"SRV-002.*serving\.json"):
        models.scorer(bare)
    small = save({"x": next(iter(build(job_of(models.scorer(models.champion).transform, 1)).parameters())).data})
    files = {name: data for name, data in entry.files.items() if name != ONNX} | {"model.safetensors": small}
    with pytest.raises(FalajError, match=r"SRV-002.*does not take the weights"):
        models.scorer(models.registry.publish(NAME, files, {}))
