"""Clusters, services and jobs of Ray: what the gate, KubeRay's own types and the network have to say of them."""

from dataclasses import replace
from typing import Any, cast

import pytest
import yaml

from components.contracts import Endpoint
from components.kubernetes.bill import objects, types
from components.kubernetes.flow import Peer
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.queues import Machines, Queue, cluster_queue
from components.kubernetes.ray_group import Group, Head, Pool
from components.kubernetes.ray_job import RayJob, RayJobArgs
from components.kubernetes.ray_runtime import RayRuntime, RayRuntimeArgs
from components.kubernetes.ray_service import RayService, RayServiceArgs
from infra.plan.definitions import Definitions
from tests.components.kubernetes import rig
from tests.components.kubernetes.rig import Made

IMAGE = f"{rig.REGISTRY}/falaj/ray:2.60.0@sha256:{'0' * 64}"
CPU, H200 = Pool(name="cpu"), Pool(name="h200", gpus=8, efa=16)
PARTS = Pool(name="parts", gpus=8, mig="1g.18gb")
CACHE = Endpoint(host="cache.example.ae", port=6379, secret="ray-cache")
SERVE = {"applications": [{"name": "app", "route_prefix": "/", "import_path": "serve:app"}]}
DATA = Group(name="data", pool=CPU, cpu=8, memory_gib=32, max=4)
TRAIN = Group(name="train", pool=H200, cpu=88, memory_gib=900, gpus=4, min=2, max=4)
TYPES = {"runtime": "Cluster", "service": "Service", "job": "Job"}
QUEUED = {"queue": "training", "priority": "high"}
KINDS: dict[str, Any] = {
    "runtime": (RayRuntime, RayRuntimeArgs, {"cache": CACHE}),
    "service": (RayService, RayServiceArgs, {"cache": CACHE, "serve": SERVE}),
    "job": (RayJob, RayJobArgs, {"entrypoint": "python -m train", "runtime_env": {"env_vars": {"SEED": "1"}}}),
}


def made(kind: str, **more: Any) -> dict[str, Made]:
    component, args, own = KINDS[kind]
    common = {"head": Head(pool=CPU), "groups": [DATA, TRAIN], "image": IMAGE, "version": "2.60.0", "token": "token"}

    def build() -> None:
        context = rig.context()
        space = Namespace("ray", NamespaceArgs(context=context, name="ray"))
        component("demo", args(context=context, namespace=space.name, **common | own | more))

    return rig.deployed(build)


def resource_of(found: dict[str, Made]) -> Made:
    return next(one for one in found.values() if one.type.startswith("kubernetes:ray.io/"))


def cluster_of(found: dict[str, Made]) -> dict[str, Any]:
    """The cluster's spec, wherever it is."""
    spec = resource_of(found).inputs["spec"]
    return spec.get("rayClusterConfig") or spec.get("rayClusterSpec") or spec


def pods_of(cluster: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Pods' specs: the head's and each group's."""
    groups = {group["groupName"]: group["template"]["spec"] for group in cluster["workerGroupSpecs"]}
    return {"head": cluster["headGroupSpec"]["template"]["spec"], **groups}


def flow_of(found: dict[str, Made]) -> dict[str, Any]:
    return found["demo-ray-demo"].inputs["spec"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("more", [{}, QUEUED])
def test_the_gate_finds_nothing(kind: str, more: dict[str, str]) -> None:
    assert rig.findings(made(kind, **more), "IMG-003") == {}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("more", [{}, QUEUED])
def test_each_object_is_of_kuberays_and_cert_managers_types(kind: str, more: dict[str, str]) -> None:
    definitions = Definitions()
    for name in ("kuberay-operator", "cert-manager"):
        for one in types(name):
            definitions.add(one)
    judged = {
        one.type: found.problems(_whole(one.inputs))
        for one in made(kind, **more).values()
        if (found := definitions.of(one.inputs))
    }
    assert {type_.rsplit(":", 1)[1] for type_ in judged} == {f"Ray{TYPES[kind]}", "Certificate", "Issuer"}
    assert not any(judged.values()), judged


def test_the_platforms_own_image_says_which_ray_it_is() -> None:
    spec = cluster_of(made("runtime", image=None, version=None, groups=[DATA]))
    image = spec["headGroupSpec"]["template"]["spec"]["containers"][0]["image"]
    assert f":{spec['rayVersion']}" in image
    assert image.startswith(f"{rig.REGISTRY}/falaj/")


def test_workers_go_to_their_pool_with_what_its_machines_have() -> None:
    parts = Group(name="parts", pool=PARTS, cpu=4, memory_gib=32, gpus=2, max=1)
    pods = pods_of(cluster_of(made("runtime", groups=[DATA, TRAIN, parts])))
    limits = {name: pod["containers"][0]["resources"]["limits"] for name, pod in pods.items()}
    assert {name: pod["nodeSelector"]["falaj.io/pool"] for name, pod in pods.items()} == {
        "head": "cpu",
        "data": "cpu",
        "train": "h200",
        "parts": "parts",
    }
    # Half of the machine's GPUs, half of its interfaces; parts of a GPU speak with no other machine.
    assert (limits["train"]["nvidia.com/gpu"], limits["train"]["vpc.amazonaws.com/efa"]) == ("4", "8")
    assert limits["parts"]["nvidia.com/mig-1g.18gb"] == "2"
    assert not [name for name in (*limits["parts"], *limits["data"]) if "efa" in name]
    assert {name for name, pod in pods.items() if "tolerations" in pod} == {"train", "parts"}
    (together,) = pods["train"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert together["labelSelector"]["matchLabels"] == {"falaj.ae/ray": "demo", "ray.io/group": "train"}
    assert pods["data"]["topologySpreadConstraints"][0]["topologyKey"] == "topology.kubernetes.io/zone"


def test_ray_claims_no_more_memory_than_its_pod_has() -> None:
    cluster = cluster_of(made("runtime"))
    for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"]):
        pod, params = group["template"]["spec"], group["rayStartParams"]
        limit = int(pod["containers"][0]["resources"]["limits"]["memory"].removesuffix("Mi")) << 20
        (shared,) = [one["emptyDir"]["sizeLimit"] for one in pod["volumes"] if one["name"] == "shared-mem"]
        assert int(params["object-store-memory"]) + int(params["memory"]) < limit
        assert int(params["object-store-memory"]) < int(shared.removesuffix("Mi")) << 20 < limit
    assert cluster["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"


def test_the_token_of_kubernetes_is_the_autoscalers_alone() -> None:
    found = made("runtime")
    cluster = cluster_of(found)
    head = cluster["headGroupSpec"]["template"]["spec"]
    assert {one["name"] for one in cluster["autoscalerOptions"]["volumeMounts"]} >= {"kube-token", "tls", "ray-logs"}
    for pod in pods_of(cluster).values():
        assert pod["automountServiceAccountToken"] is False
        mounts = [
            mount["name"] for one in (*pod["containers"], *pod["initContainers"]) for mount in one["volumeMounts"]
        ]
        assert "kube-token" not in mounts
    assert "kube-token" in {one["name"] for one in head["volumes"]}
    rules = found["demo-role"].inputs["rules"]
    assert [rule.get("resourceNames") for rule in rules if "patch" in rule["verbs"]] == [["demo"]]


@pytest.mark.parametrize("kind", KINDS)
def test_what_waits_in_a_queue_has_a_fixed_size_and_no_rights(kind: str) -> None:
    found = made(kind, **QUEUED)
    cluster = cluster_of(found)
    assert resource_of(found).inputs["metadata"]["labels"]["kueue.x-k8s.io/queue-name"] == "training"
    assert cluster["enableInTreeAutoscaling"] is False
    assert [(one["replicas"], one["minReplicas"]) for one in cluster["workerGroupSpecs"]] == [(4, 4), (4, 4)]
    assert {pod["priorityClassName"] for pod in pods_of(cluster).values()} == {"high"}
    assert not rig.of_type(found, "Role")
    assert "suspend" not in resource_of(found).inputs["spec"]


def test_queues_count_all_that_rays_pods_claim_or_leave_it_out() -> None:
    """Kueue never admits work that claims a resource which its queue does not have."""
    (config,) = [one for one in objects("kueue") if one["kind"] == "ConfigMap"]
    said = yaml.safe_load(config["data"]["controller_manager_config.yaml"])
    machines = {
        "cpu": Machines(kind="cpu", most=4, cpu=15, gib=60),
        "h200": Machines(kind="gpu", most=2, cpu=190, gib=1890, gpus=8),
    }
    queue = cluster_queue(Queue(machines={"cpu": 1, "h200": 2}, namespaces=["ray"]), machines)
    counted = tuple(queue["resourceGroups"][0]["coveredResources"])
    left_out = tuple(said["resources"]["excludeResourcePrefixes"])
    pods = pods_of(cluster_of(made("job", **QUEUED))).values()
    claimed = {name for pod in pods for one in pod["containers"] for name in one["resources"]["requests"]}
    assert claimed == {*counted, "ephemeral-storage", "vpc.amazonaws.com/efa"}
    assert all(name in counted or name.startswith(left_out) for name in claimed)


def test_what_leaves_a_queue_leaves_its_machines_and_clears_its_cache() -> None:
    assert resource_of(made("job", keep_seconds=60, **QUEUED)).inputs["spec"]["ttlSecondsAfterFinished"] == 0
    metadata = resource_of(made("runtime", **QUEUED)).inputs["metadata"]
    assert metadata["annotations"] == {"pulumi.com/deletionPropagationPolicy": "background"}


def test_without_a_queue_the_number_of_workers_is_the_autoscalers() -> None:
    cluster = cluster_of(made("runtime"))
    assert cluster["autoscalerOptions"]["version"] == "v2"
    assert [(one["minReplicas"], one["maxReplicas"]) for one in cluster["workerGroupSpecs"]] == [(0, 4), (2, 4)]
    assert not any("replicas" in one for one in cluster["workerGroupSpecs"])


def test_the_state_outlives_the_head_of_what_stays() -> None:
    options = cluster_of(made("service"))["gcsFaultToleranceOptions"]
    assert options["redisAddress"] == "rediss://cache.example.ae:6379"
    assert options["redisUsername"]["valueFrom"]["secretKeyRef"] == {"name": "ray-cache", "key": "username"}
    assert "gcsFaultToleranceOptions" not in cluster_of(made("job"))


def test_a_head_waits_for_its_cache_and_nobody_else_does() -> None:
    def patient(kind: str) -> list[bool]:
        cluster = cluster_of(made(kind))
        pods = [one["template"]["spec"] for one in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"])]
        return ["RAY_redis_db_connect_retries" in {one["name"] for one in pod["containers"][0]["env"]} for pod in pods]

    assert patient("runtime") == patient("service") == [True, False, False]
    assert patient("job") == [False, False, False]


def test_only_who_is_named_reaches_it_and_only_on_ports_that_are_shown() -> None:
    gateway = Peer(ports=[8000], namespace="ingress")
    flow = flow_of(made("service", peers=[gateway]))
    mine, operator, other = flow["ingress"]
    assert flow["podSelector"] == {"matchLabels": {"falaj.ae/ray": "demo"}}
    assert mine == {"from": [{"podSelector": flow["podSelector"]}], "ports": []}
    assert [port["port"] for port in operator["ports"]] == [8265, 8000]
    assert other == gateway.rule("from")
    for port in (6379, 10001, "gcs"):
        with pytest.raises(ValueError, match="not for others"):
            made("runtime", peers=[Peer(ports=[port], namespace="ingress")])


def test_the_way_to_the_api_server_is_there_for_an_autoscaler_only() -> None:
    def reached(**more: str) -> set[tuple[str, int]]:
        rules = flow_of(made("runtime", **more))["egress"]
        return {
            (rule["to"][0]["ipBlock"]["cidr"], port["port"])
            for rule in rules
            if "ipBlock" in rule["to"][0]
            for port in rule["ports"]
        }

    credentials = ("169.254.170.23/32", 80)
    assert reached(**QUEUED) == {credentials, ("10.20.0.0/16", 443), ("10.20.0.0/16", 6379)}
    assert reached() - reached(**QUEUED) == {("10.20.0.0/16", 6443), ("172.20.0.1/32", 443)}


def test_a_service_is_replaced_without_a_gap_and_its_workers_are_not_all_taken() -> None:
    found = made("service")
    spec = resource_of(found).inputs["spec"]
    assert spec["upgradeStrategy"] == {"type": "NewCluster"}
    assert spec["excludeHeadPodFromServeSvc"] is True
    assert yaml.safe_load(spec["serveConfigV2"])["applications"] == SERVE["applications"]
    assert found["demo-budget"].inputs["spec"] == {
        "minAvailable": 1,
        "selector": {"matchLabels": {"falaj.ae/ray": "demo", "ray.io/node-type": "worker"}},
    }


def test_a_job_takes_its_cluster_away_and_is_handed_in_by_a_pod_without_rights() -> None:
    spec = resource_of(made("job", deadline_seconds=3600, keep_seconds=60, retries=2)).inputs["spec"]
    assert spec["shutdownAfterJobFinishes"] is True
    assert (spec["ttlSecondsAfterFinished"], spec["activeDeadlineSeconds"], spec["backoffLimit"]) == (60, 3600, 2)
    assert yaml.safe_load(spec["runtimeEnvYAML"]) == {"env_vars": {"SEED": "1"}}
    submitter = spec["submitterPodTemplate"]
    assert submitter["metadata"]["labels"]["falaj.ae/ray"] == "demo"
    assert submitter["spec"]["automountServiceAccountToken"] is False


INSTALLS: list[dict[str, Any]] = [
    {"pip": ["evil"]},
    {"uv": ["evil"]},
    {"conda": {"dependencies": ["evil"]}},
    {"working_dir": "https://example.com/work.zip"},
    {"py_modules": ["git+ssh://git@example.com/module"]},
]


@pytest.mark.parametrize("environment", INSTALLS)
def test_nothing_is_installed_from_outside(environment: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="in the image"):
        made("job", runtime_env=environment)
    with pytest.raises(ValueError, match="in the image"):
        made("service", serve={"applications": [{"import_path": "serve:app", "runtime_env": environment}]})
    made("job", runtime_env={"working_dir": "s3://models/work.zip"})


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"version": "2.51.1"}, "2.52.0"),
    ({"version": "latest"}, "2.52.0"),
    ({"image": f"{rig.REGISTRY}/ray:2.60.0"}, "digest"),
    ({"version": None}, "both, or neither"),
    ({"groups": []}, "1 to 7"),
    ({"groups": [DATA, DATA]}, "twice"),
    ({"groups": [Group(name="head", pool=CPU, cpu=1, memory_gib=1, max=1)]}, "named head"),
]


@pytest.mark.parametrize(("change", "said"), WRONG)
def test_what_kuberay_or_kueue_would_refuse_is_no_cluster(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        made("runtime", **change)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"gpus": 1}, "claims 1 GPUs of pool 'cpu'"), ({"pool": H200}, "claims 0 GPUs"), ({"max": 0}, "ascend")],
)
def test_a_group_fits_its_pool(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(DATA, **change)


def _whole(value: Any) -> Any:
    """The wire has no integers."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in cast("dict[str, Any]", value).items()}
    return [_whole(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value
