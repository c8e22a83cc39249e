"""GPUs can be claimed and are watched, where there are any, by programs that may do what they need and no more."""

from typing import Any

import pytest
import yaml

from components import pools
from components.kubernetes.gpu import GpuDaemons, GpuDaemonsArgs, Gpus, mig_config, plugin_config
from components.kubernetes.monitoring.scrape import JOBS
from tests.components.kubernetes import rig

WHOLE, SHARED, DIVIDED = Gpus(), Gpus(slices=4), Gpus(mig="3g.20gb", parts=2)
EVERY = {"h200": WHOLE, "l40s": SHARED, "a100": DIVIDED}


def made(**found: Gpus) -> dict[str, rig.Made]:
    return rig.deployed(lambda: GpuDaemons("gpus", GpuDaemonsArgs(context=rig.context(), pools=found or EVERY)))


def pods(found: dict[str, rig.Made]) -> dict[str, Any]:
    return {
        one.inputs["metadata"]["name"]: one.inputs["spec"]["template"]["spec"]
        for one in rig.of_type(found, "DaemonSet")
    }


def lands(pod: dict[str, Any], labels: dict[str, str]) -> bool:
    """Whether a pod comes to be on a machine with these labels, as the scheduler has it."""
    terms = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    chosen = all(labels.get(key) == value for key, value in pod["nodeSelector"].items())
    return chosen and any(
        all(labels.get(one["key"]) in one["values"] for one in term["matchExpressions"]) for term in terms
    )


def node(pool: str, kind: str = "gpu", **more: str) -> dict[str, str]:
    mig = f"all-{EVERY[pool].mig}" if pool in EVERY and EVERY[pool].mig else None
    return {**pools.labels(pool, kind, "on-demand", mig), **more}


@pytest.mark.parametrize("found", [EVERY, {"l40s": WHOLE}, {"l40s": SHARED}, {"a100": DIVIDED}])
def test_the_gate_finds_nothing(found: dict[str, Gpus]) -> None:
    assert rig.findings(made(**found), "IMG-003") == {}


def test_each_is_on_the_machines_that_it_is_for_and_on_no_other() -> None:
    machines = {
        "system": node("system", "system"),
        "cpu": node("cpu", "cpu"),
        "h200": node("h200"),
        "l40s": node("l40s"),
        "a100": node("a100"),
        "a100, divided": node("a100", **{pools.DIVIDED: "success"}),
        "a100, at it": node("a100", **{pools.DIVIDED: "pending"}),
    }
    where = {
        name: {what for what, labels in machines.items() if lands(pod, labels)} for name, pod in pods(made()).items()
    }
    assert where == {
        "device-plugin": {"h200", "a100, divided"},
        "device-plugin-4": {"l40s"},
        "dcgm-exporter": {"h200", "l40s", "a100, divided"},
        "mig-manager": {"a100", "a100, divided", "a100, at it"},
    }


def test_they_are_let_onto_machines_that_are_for_pods_with_gpus() -> None:
    for pod in pods(made()).values():
        assert pod["tolerations"] == pools.tolerations("gpu")
        assert pod["nodeSelector"] == {pools.KIND: "gpu"}
        assert pod["priorityClassName"] == "system-node-critical"


def test_parts_are_named_as_work_claims_them_and_of_shares_a_pod_has_one() -> None:
    assert plugin_config(1)["flags"]["migStrategy"] == "mixed"
    assert pools.device("3g.20gb") == "nvidia.com/mig-3g.20gb"  # what `mixed` calls them
    assert "sharing" not in plugin_config(1)
    shared = plugin_config(4)["sharing"]["timeSlicing"]
    assert shared["resources"] == [{"name": pools.device(None), "replicas": 4}]
    assert shared["failRequestsGreaterThanOne"] is True
    assert shared["renameByDefault"] is False


def test_each_plugin_reads_the_orders_of_its_pools() -> None:
    found = made()
    orders = {
        name: yaml.safe_load(found[f"{name}-orders"].inputs["data"]["config.yaml"])
        for name in ("device-plugin", "device-plugin-4")
    }
    assert orders == {"device-plugin": plugin_config(1), "device-plugin-4": plugin_config(4)}
    for name in orders:
        (volume,) = [one for one in pods(found)[name]["volumes"] if one["name"] == "orders"]
        assert volume["configMap"]["name"] == f"{name}-orders"


def test_devices_are_given_by_a_specification_and_never_by_what_a_pod_says_of_itself() -> None:
    assert plugin_config(1)["flags"]["plugin"]["deviceListStrategy"] == ["cdi-cri"]


def test_the_labels_of_machines_are_ways_that_the_manager_knows() -> None:
    ways = yaml.safe_load(made()["mig-manager-ways"].inputs["data"]["config.yaml"])
    assert ways == mig_config({"3g.20gb": 2})
    assert node("a100")[pools.MIG] in ways["mig-configs"]
    (way,) = ways["mig-configs"]["all-3g.20gb"]
    assert way["mig-devices"] == {"3g.20gb": 2}


def test_the_manager_alone_has_a_token_and_is_there_only_where_gpus_are_divided() -> None:
    tokens = {name: pod["automountServiceAccountToken"] for name, pod in pods(made()).items()}
    assert {name for name, has in tokens.items() if has} == {"mig-manager"}
    plain = made(h200=WHOLE, l40s=SHARED)
    assert "mig-manager" not in pods(plain)
    assert not [one for one in plain.values() if ":rbac." in one.type]


def test_the_manager_waits_for_those_that_use_the_gpus_by_the_labels_that_its_makers_gave_them() -> None:
    labels = {
        one.inputs["metadata"]["name"]: one.inputs["spec"]["template"]["metadata"]["labels"].get("app")
        for one in rig.of_type(made(), "DaemonSet")
    }
    assert labels == {
        "device-plugin": "nvidia-device-plugin-daemonset",
        "device-plugin-4": "nvidia-device-plugin-daemonset",
        "dcgm-exporter": "nvidia-dcgm-exporter",
        "mig-manager": None,
    }


def test_prometheus_finds_the_exporter_where_its_job_looks() -> None:
    found = made()
    (job,) = [one for one in JOBS if one.name == "dcgm-exporter"]
    exporter = found["dcgm-exporter-daemon"].inputs
    labels = exporter["spec"]["template"]["metadata"]["labels"]
    (container,) = exporter["spec"]["template"]["spec"]["containers"]
    assert exporter["metadata"]["namespace"] == job.namespace
    assert job.labels.items() <= labels.items()
    assert [one["containerPort"] for one in container["ports"]] == [job.port]
    (rule,) = found["gpus-space-metrics"].inputs["spec"]["ingress"]
    assert rule["ports"] == [{"port": job.port, "protocol": "TCP"}]
    assert found["gpus-space-metrics"].inputs["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    assert "DCGM_FI_DEV_GPU_UTIL" in found["dcgm-exporter-counters"].inputs["data"]["counters.csv"]


@pytest.mark.parametrize(("of", "said"), [(WHOLE, "false"), (SHARED, "true")])
def test_of_a_shared_gpu_all_users_are_told(of: Gpus, said: str) -> None:
    (container,) = pods(made(l40s=of))["dcgm-exporter"]["containers"]
    assert {one["name"]: one.get("value") for one in container["env"]}["KUBERNETES_VIRTUAL_GPUS"] == said


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match=r"divided into 1g\.18gb, or shared by 2"):
        Gpus(mig="1g.18gb", slices=2)
    two = {"small": Gpus(mig="1g.10gb", parts=4), "large": Gpus(mig="1g.10gb", parts=7)}
    with pytest.raises(ValueError, match=r"pool 'large': 1g\.10gb is 7 of its GPUs and 4 of another's"):
        GpuDaemonsArgs(context=rig.context(), pools=two)
