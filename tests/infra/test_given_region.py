"""A given cluster's settings as the layer on it: what the file does not tell of is not there."""

from typing import Any

import pytest

from infra.checks import require_sound
from infra.regions import kubernetes
from infra.settings import KubernetesStack, parse
from tests.components.kubernetes import rig
from tests.components.kubernetes.rig import Made
from tests.infra.test_given import PLACE, config

PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


def made(**changes: Any) -> dict[str, Made]:
    settings = parse(config(changes), PLACE)
    assert isinstance(settings, KubernetesStack)
    require_sound(settings, PLACE)
    return rig.deployed(lambda: kubernetes.deploy("uae-onprem", settings))


def kinds(found: dict[str, Made], kind: str) -> dict[str, dict[str, Any]]:
    return {one.inputs["metadata"]["name"]: one.inputs for one in found.values() if one.inputs.get("kind") == kind}


@pytest.fixture(scope="module")
def shipped() -> dict[str, Made]:
    return made()


def test_the_provider_is_told_of_the_kubeconfig_and_nothing_in_it(shipped: dict[str, Made]) -> None:
    (provider,) = [one.inputs for one in shipped.values() if one.type == "pulumi:providers:kubernetes"]
    assert provider["context"] == "dc1"
    assert provider["clusterIdentifier"] == "https://api.dc1.example.ae:6443"
    assert "kubeconfig" not in provider


def test_work_goes_to_nodes_by_the_labels_and_taints_that_they_have(shipped: dict[str, Made]) -> None:
    flavors = {name: one["spec"] for name, one in kinds(shipped, "ResourceFlavor").items()}
    assert flavors["cpu"] == {"nodeLabels": {"node.example.ae/use": "work"}}
    assert flavors["h200"]["nodeLabels"] == {"node.example.ae/use": "gpu"}
    assert flavors["h200"]["nodeTaints"] == [{"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}]
    (group,) = kinds(shipped, "RayCluster")["training"]["spec"]["workerGroupSpecs"]
    pod = group["template"]["spec"]
    assert pod["nodeSelector"] == {"node.example.ae/use": "gpu"}
    assert pod["tolerations"] == [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}]
    (near,) = pod["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert near["topologyKey"] == "topology.kubernetes.io/rack"
    servers = [one.inputs["spec"]["template"]["spec"] for one in rig.of_type(shipped, "Deployment")]
    own = [one["nodeSelector"] for one in servers if "node.example.ae/use" in one.get("nodeSelector", {})]
    assert own
    assert all(one["node.example.ae/use"] == "platform" for one in own)


def test_nothing_is_aws_s(shipped: dict[str, Made]) -> None:
    # Types are others' text, and templates the gate's rules, which know every cloud.
    told = ("CustomResourceDefinition", "ConstraintTemplate")
    said = str([one.inputs for one in shipped.values() if not one.type.endswith(told)])
    assert "169.254.170.23" not in said
    assert "arn:aws:" not in said
    assert "AWS_DEFAULT_REGION" not in said
    assert "StorageClass" not in {one.type.rsplit(":", 1)[1] for one in shipped.values()}


def test_each_namespace_reads_the_secrets_that_it_is_given(shipped: dict[str, Made]) -> None:
    rules = {
        one.inputs["metadata"]["name"]: (one.inputs["metadata"]["namespace"], one.inputs["rules"][0]["resourceNames"])
        for one in rig.of_type(shipped, "Role")
        if one.inputs["metadata"]["name"].startswith("reads-for-")
    }
    assert rules == {
        "reads-for-ray": ("falaj-secrets", ["valkey"]),
        "reads-for-mlflow": ("falaj-secrets", ["mlflow-database", "mlflow-objects"]),
    }
    for name, store in kinds(shipped, "ClusterSecretStore").items():
        assert store["spec"]["conditions"] == [{"namespaces": [name]}]
        account = store["spec"]["provider"]["kubernetes"]["auth"]["serviceAccount"]
        assert account == {"name": f"reads-for-{name}", "namespace": "external-secrets"}
    copies = {
        one["spec"]["dataFrom"][0]["extract"]["key"]
        for one in kinds(shipped, "ExternalSecret").values()
        if "extract" in one["spec"]["dataFrom"][0]
    }
    assert copies == {"valkey", "mlflow-database", "mlflow-objects"}


def test_files_of_runs_go_to_the_store_with_its_keys_in_a_file(shipped: dict[str, Made]) -> None:
    (server,) = shipped["tracking-server"].inputs["spec"]["template"]["spec"]["containers"]
    env = {one["name"]: one.get("value") for one in server["env"]}
    assert env["AWS_ENDPOINT_URL_S3"] == "https://objects.dc1.example.ae"
    assert "--artifacts-destination=s3://mlflow-artifacts/mlflow" in server["args"]
    at = {one["name"]: one["mountPath"] for one in server["volumeMounts"]}
    template = kinds(shipped, "ExternalSecret")["store"]["spec"]["target"]["template"]["data"]
    (file,) = template
    assert env["AWS_SHARED_CREDENTIALS_FILE"] == f"{at['keys']}/{file}"
    assert not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} & env.keys()


def test_the_types_take_all_that_is_asked_of_them(shipped: dict[str, Made]) -> None:
    assert rig.refused(shipped) == {}


def test_what_is_not_told_of_is_not_there() -> None:
    found = made(cache=None, database=None, artifacts=None)
    assert "tracking-server" not in found
    assert kinds(found, "ClusterSecretStore") == {}
    for one in kinds(found, "RayCluster").values():
        assert "gcsFaultToleranceOptions" not in one["spec"]
    assert "mlflow" not in str([one.inputs for one in rig.of_type(found, "NetworkPolicy")])


@pytest.fixture(scope="module")
def other() -> dict[str, Made]:
    """Disks of a driver, a cache that others vouch for, no bucket, GPUs divided by NVIDIA's programs."""
    gpu = {**load_pools()["h200"], "gpus": 56, "share": 7, "resource": "nvidia.com/mig-1g.18gb"}
    return made(
        disks={"driver": "disk.csi.azure.com", "parameters": {"skuName": "Premium_ZRS"}},
        cache={"host": "valkey.dc1.example.ae", "secret": "valkey", "authorities": PEM},
        artifacts=None,
        pools={**load_pools(), "h200": gpu},
        platform={**config({})["falaj:platform"], "devices": True},
    )


def test_without_a_bucket_runs_files_are_refused_and_not_lost(other: dict[str, Made]) -> None:
    (server,) = other["tracking-server"].inputs["spec"]["template"]["spec"]["containers"]
    assert server["args"][1:3] == ["--no-serve-artifacts", "--default-artifact-root=mlflow-artifacts:/"]


def test_a_driver_makes_the_class_of_disks(other: dict[str, Made]) -> None:
    (one,) = rig.of_type(other, "StorageClass")
    assert (one.inputs["provisioner"], one.inputs["parameters"]) == ("disk.csi.azure.com", {"skuName": "Premium_ZRS"})
    assert "annotations" not in one.inputs["metadata"], "the cluster's own default stays"
    (disk,) = other["prometheus-server"].inputs["spec"]["volumeClaimTemplates"]
    assert disk["spec"]["storageClassName"] == one.inputs["metadata"]["name"]


def test_heads_trust_those_who_vouch_for_the_cache(other: dict[str, Made]) -> None:
    head = kinds(other, "RayCluster")["training"]["spec"]["headGroupSpec"]["template"]["spec"]
    env = {one["name"]: one.get("value") for one in head["containers"][0]["env"]}
    at = {one["name"]: one["mountPath"] for one in head["containers"][0]["volumeMounts"]}
    volume = next(one for one in head["volumes"] if one["name"] == "cache-authorities")
    assert env["RAY_REDIS_CA_CERT"] == f"{at['cache-authorities']}/bundle.pem"
    assert other[volume["configMap"]["name"]].inputs["data"] == {"bundle.pem": PEM}


def test_nvidias_daemons_come_where_they_are_wanted(other: dict[str, Made], shipped: dict[str, Made]) -> None:
    assert rig.of_type(shipped, "DaemonSet") == []
    daemons = {one.name: one.inputs["spec"]["template"]["spec"] for one in rig.of_type(other, "DaemonSet")}
    assert daemons.keys() == {"device-plugin-daemon", "dcgm-exporter-daemon", "mig-manager-daemon"}
    for pod in daemons.values():
        assert "nodeSelector" not in pod
        terms = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
        assert terms[0]["matchExpressions"][0] == {"key": "node.example.ae/use", "operator": "In", "values": ["gpu"]}


def load_pools() -> dict[str, Any]:
    return config({})["falaj:pools"]
