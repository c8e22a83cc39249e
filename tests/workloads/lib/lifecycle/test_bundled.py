"""The workloads that come along: each complete enough for the gate's questions before it has run."""

import pytest

from infra.catalog.workloads import workloads
from infra.errors import FalajError
from workloads.lib.lifecycle.bundled import bundled
from workloads.lib.release.quality import METRICS
from workloads.lib.serve.schema import request_model


@pytest.mark.parametrize("name", workloads())
def test_each_says_what_it_is_for_and_what_it_is_judged_by(name: str):
    workload = bundled(name)
    assert workload.name == name
    assert workload.metric in METRICS[workload.task]
    assert set(workload.protected) <= workload.groups.keys()
    assert workload.thresholds()["min_group"] == workload.spec.min_group
    assert set(workload.transform.names) <= set(workload.request.names)
    request_model(workload.request, workload.transform.names).model_validate(dict(workload.example))


def test_both_are_there_and_another_is_none():
    assert workloads() == ["employment", "flights"]
    with pytest.raises(FalajError, match=r"RLS-004 workload 'nothing': .*employment, flights"):
        bundled("nothing")
