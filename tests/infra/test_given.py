"""A stack file that tells of a cluster which is there already: what cannot be one is refused before a plan."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from infra.backend import where
from infra.checks import checked, lacking, require_sound
from infra.errors import FalajError
from infra.home import PROJECT
from infra.kubeconfig import require_server
from infra.settings import KubernetesStack, parse
from infra.sim.nodes import allocatable, counts, nodes

PLACE = "stacks/Pulumi.uae-onprem.yaml"


def config(changes: dict[str, Any]) -> dict[str, Any]:
    """The shipped stack file with changed sections; None takes one away."""
    found = yaml.safe_load((PROJECT / PLACE).read_text())["config"]
    found |= {f"falaj:{key}": value for key, value in changes.items()}
    return {key: value for key, value in found.items() if value is not None}


def settings(**changes: Any) -> KubernetesStack:
    found = parse(config(changes), PLACE)
    assert isinstance(found, KubernetesStack)
    require_sound(found, PLACE)
    return found


def pools(**changes: Any) -> dict[str, Any]:
    """The shipped pools; each change is `pool__field`."""
    found = config({})["falaj:pools"]
    for path, value in changes.items():
        pool, _, field = path.partition("__")
        found[pool] = {**found[pool], field: value}
    return {"pools": found}


def cluster(**changes: Any) -> dict[str, Any]:
    return {"cluster": {**config({})["falaj:cluster"], **changes}}


MISTAKES: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"jurisdiction": "mars"}, "CFG-009", ["mars", "uae"]),
    (cluster(network=["10.96.0.0/12"]), "CFG-012", ["10.96.0.0/16", "10.96.0.0/12"]),
    (cluster(service_cidr="10.96.0.1/16"), "CFG-013", ["service_cidr", "10.96.0.1/16"]),
    (pools(system__kind="cpu"), "CFG-021", ["0 pools"]),
    (pools(cpu__kind="system"), "CFG-021", ["2 pools", "system, cpu"]),
    (pools(system__taints=[{"key": "CriticalAddonsOnly"}]), "CFG-021", ["CriticalAddonsOnly"]),
    (pools(cpu__gpus=1), "CFG-016", ["cpu", "1 GPUs"]),
    (pools(h200__gpus=0), "CFG-016", ["gpu", "0 GPUs"]),
    (pools(cpu__nodes={"node.example.ae/use": "gpu"}), "CFG-030", ["pool cpu", "pool h200", "node.example.ae/use=gpu"]),
    (pools(cpu__nodes={"other": "x"}), "CFG-030", ["pool system", "pool cpu", "other=x"]),
    (pools(h200__gpus=4), "CFG-026", ["training.groups.h200", "8 GPUs", "each node of pool h200"]),
    (pools(h200__number=1), "CFG-026", ["max` is 2", "1 machines of pool h200"]),
    (pools(cpu__memory_gib=40), "CFG-026", ["48 GiB", "39 GiB"]),
    ({"queues": {"training": {"machines": {"cpu": 2, "h200": 3}}}}, "CFG-029", ["3 machines of pool h200", "max is 2"]),
    ({"policy": {**config({})["falaj:policy"], "max_gpus": 8}}, "CFG-027", ["16 GPUs", "max_gpus` is 8"]),
    ({"disks": {}}, "CFG-002", ["storage_class, or driver"]),
    ({"disks": {"storage_class": "a", "driver": "b"}}, "CFG-002", ["storage_class, or driver"]),
    ({"disks": {"storage_class": "a", "parameters": {"x": "y"}}}, "CFG-002", ["parameters"]),
    ({"database": None}, "CFG-002", ["artifacts", "without a database"]),
    (pools(h200__share=3), "CFG-002", ["gpus 8", "3 each"]),
    (cluster(server="http://api.dc1.example.ae"), "CFG-002", ["cluster.server", "http://api"]),
    ({"state": {"backend": "https://api.pulumi.com"}}, "CFG-002", ["state.backend"]),
    ({"account": "111122223333"}, "CFG-001", ["of target aws", "target is kubernetes"]),
    ({"energy": None}, "CFG-003", ["energy"]),
]


@pytest.mark.parametrize(("changes", "code", "said"), MISTAKES, ids=[f"{code} {said[0]}" for _, code, said in MISTAKES])
def test_what_cannot_be_is_refused_with_both_values(changes: dict[str, Any], code: str, said: list[str]) -> None:
    with pytest.raises(FalajError) as refused:
        settings(**changes)
    assert refused.value.code == code
    for text in said:
        assert text in str(refused.value)


LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"), min_size=1)


@given(one=LABELS, other=LABELS)
def test_pools_are_told_apart_just_when_no_node_can_be_of_both(one: dict[str, str], other: dict[str, str]) -> None:
    node = one | other
    both = one.items() <= node.items() and other.items() <= node.items()
    changes = pools(cpu__nodes={**one, "w": "w"}, h200__nodes={**other, "w": "w"}, system__nodes={"w": "s"})
    if both:
        with pytest.raises(FalajError, match="CFG-030"):
            settings(**changes)
    else:
        settings(**changes)


def test_parts_and_shares_count_as_what_they_are_of() -> None:
    parts = pools(h200__gpus=56, h200__share=7, h200__resource="nvidia.com/mig-1g.18gb")
    pool = settings(**parts, queues={}, ray={}).pools["h200"]
    assert (pool.mig, pool.time_slices, pool.max) == ("1g.18gb", 1, 2)
    assert allocatable(pool)["nvidia.com/mig-1g.18gb"] == "56"
    # 112 parts of 1g.18gb are 16 GPUs.
    group = {"h200": {"pool": "h200", "cpu": 1, "memory_gib": 8, "gpus": 1, "max": 112}}
    settings(**parts, queues={}, ray={"runtimes": {"lab": {"groups": group}}})
    shared = settings(**pools(h200__gpus=32, h200__share=4), queues={}, ray={}).pools["h200"]
    assert (shared.mig, shared.time_slices) == (None, 4)


def test_simulated_nodes_have_what_the_file_promises() -> None:
    found = checked("uae-onprem")
    assert isinstance(found, KubernetesStack)
    made = list(nodes(found, [], counts(found, {"system": 1, "cpu": 0})))
    assert [one["metadata"]["name"] for one in made] == ["system-0", "h200-0", "h200-1"]
    gpu = made[1]
    assert gpu["metadata"]["labels"]["node.example.ae/use"] == "gpu"
    assert gpu["spec"]["taints"] == [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}]
    assert gpu["status"]["allocatable"]["nvidia.com/gpu"] == "8"
    assert gpu["status"]["allocatable"]["ephemeral-storage"] == "3000Gi"
    assert {one["metadata"]["labels"]["topology.kubernetes.io/rack"] for one in made[1:]} == {"h200"}


def test_its_state_is_where_its_file_says() -> None:
    assert where(settings()) == (config({})["falaj:state"]["backend"], "")
    assert where(settings(state=None)) == ("", "passphrase")


def test_a_plan_says_what_comes_of_what_is_not_there() -> None:
    assert lacking(settings()) == []
    (said,) = lacking(settings(cache=None))
    assert "lose their state" in said
    assert len(lacking(settings(cache=None, database=None, artifacts=None))) == 3


KUBECONFIG: dict[str, Any] = {
    "contexts": [{"name": "dc1", "context": {"cluster": "c", "user": "u"}}],
    "clusters": [{"name": "c", "cluster": {"server": "https://api.dc1.example.ae:6443"}}],
    "users": [{"name": "u", "user": {"token": "it"}}],
}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (KUBECONFIG, ""),
        ({**KUBECONFIG, "contexts": []}, "context is dc1.* has none"),
        ({**KUBECONFIG, "clusters": [{"name": "c", "cluster": {"server": "https://api.example.com"}}]}, "example.com"),
        ({**KUBECONFIG, "clusters": []}, "leads to None"),
        ({}, "cannot be read"),
    ],
)
def test_a_kubeconfig_must_lead_where_the_gate_was_told(document: dict[str, Any], said: str, tmp_path: Any) -> None:
    file = tmp_path / "config"
    file.write_text(yaml.safe_dump(document))
    found = settings(**cluster(kubeconfig=str(file))).cluster
    if said:
        with pytest.raises(FalajError, match=f"CFG-031.*{said}".replace("context is", "context` is")):
            require_server(found, PLACE)
    else:
        assert require_server(found, PLACE) == file
