"""Karpenter makes machines as node groups would: sealed, labelled and tainted alike, within the pool's bounds."""

from dataclasses import replace
from typing import Any

from components import pools
from components.kubernetes.karpenter import (
    ACCOUNT,
    NAMESPACE,
    Fleet,
    Karpenter,
    KarpenterArgs,
    Pool,
    node_class,
    node_pool,
)
from components.kubernetes.monitoring.scrape import JOBS
from tests.components.aws.rig import TAGS, key
from tests.components.kubernetes import rig

CPU = Pool(
    kind="cpu",
    instance_types=["m7i.4xlarge", "m6i.4xlarge"],
    image="1.58.0-c5c37032",
    capacity="spot",
    zones=["me-central-1a", "me-central-1b"],
    disks={"/dev/xvda": 4, "/dev/xvdb": 200},
    throughput=250,
    iops=3000,
    cpus=160,
    gib=640,
)
L40S = replace(
    CPU,
    kind="gpu",
    instance_types=["g6e.12xlarge"],
    image="1.35.7-20260911",
    capacity="on-demand",
    zones=["me-central-1b"],
    disks={"/dev/xvda": 500},
    cpus=192,
    gib=1536,
    gpus=16,
)
FLEET = Fleet(
    stack="uae-aws",
    region="me-central-1",
    version="1.35",
    queue="uae-aws-karpenter",
    profile="uae-aws-karpenter-machine",
    security_group="sg-1",
    subnets={f"me-central-1{letter}": f"subnet-{letter}" for letter in "abc"},
    key=key("volumes"),
    tags=TAGS,
    pools={"cpu": CPU, "l40s": L40S},
)


def made() -> dict[str, rig.Made]:
    return rig.deployed(lambda: Karpenter("k", KarpenterArgs(context=rig.context(), fleet=FLEET)))


def wanted(spec: dict[str, Any]) -> dict[str, list[str]]:
    requirements = spec["template"]["spec"]["requirements"]
    assert {one["operator"] for one in requirements} == {"In"}
    return {one["key"]: one["values"] for one in requirements}


def test_the_gate_finds_nothing_and_the_types_take_its_objects() -> None:
    found = made()
    assert rig.findings(found, "IMG-003") == {}
    assert rig.refused(found) == {}
    assert {one.inputs["kind"] for one in found.values() if "karpenter.sh" in one.type or "k8s.aws" in one.type} == {
        "NodePool",
        "EC2NodeClass",
    }


def test_the_controller_is_who_its_role_is_for_and_is_told_where_it_is() -> None:
    found = made()
    deployment = found["k-controller-deployment-karpenter"].inputs
    pod = deployment["spec"]["template"]["spec"]
    assert (deployment["metadata"]["namespace"], pod["serviceAccountName"]) == (NAMESPACE, ACCOUNT)
    (container,) = pod["containers"]
    said = {one["name"]: one.get("value") for one in container["env"]}
    assert said["CLUSTER_NAME"] == "uae-aws"
    assert said["INTERRUPTION_QUEUE"] == "uae-aws-karpenter"
    assert said["ISOLATED_VPC"] == "true"
    assert said["AWS_REGION"] == "me-central-1"
    assert pod["nodeSelector"][pools.KIND] == "system"  # never on a machine of its own


def test_pools_come_after_their_classes_and_those_after_who_reads_them() -> None:
    found = made()
    assert "k-class-cpu" in found["k-pool-cpu"].depends_on
    assert "k-controller-deployment-karpenter" in found["k-class-cpu"].depends_on


def test_machines_have_sealed_disks_one_hop_and_no_public_address() -> None:
    spec = node_class("cpu", CPU, FLEET)
    assert spec["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
        "httpProtocolIPv6": "disabled",
    }
    assert spec["associatePublicIPAddress"] is False
    assert {one["deviceName"]: one["ebs"]["volumeSize"] for one in spec["blockDeviceMappings"]} == {
        "/dev/xvda": "4Gi",
        "/dev/xvdb": "200Gi",
    }
    for one in spec["blockDeviceMappings"]:
        assert (one["ebs"]["encrypted"], one["ebs"]["kmsKeyID"]) == (True, key("volumes").arn)
    assert spec["tags"] == {**TAGS, "Name": "uae-aws-cpu"}


def test_machines_stand_in_the_pools_zones_and_have_the_machines_role() -> None:
    spec = node_class("l40s", L40S, FLEET)
    assert spec["subnetSelectorTerms"] == [{"id": "subnet-b"}]
    assert spec["securityGroupSelectorTerms"] == [{"id": "sg-1"}]
    assert spec["instanceProfile"] == "uae-aws-karpenter-machine"


def test_images_are_pinned_by_the_names_that_they_are_published_under() -> None:
    images = {
        (pool.kind, pool.arm): node_class("x", pool, FLEET)
        for pool in (CPU, replace(CPU, arm=True), L40S, replace(L40S, arm=True))
    }
    assert {which: (spec["amiFamily"], spec["amiSelectorTerms"]) for which, spec in images.items()} == {
        which: (family, [{"name": name, "owner": "amazon"}])
        for which, (family, name) in {
            ("cpu", False): ("Bottlerocket", "bottlerocket-aws-k8s-1.35-x86_64-v1.58.0-c5c37032"),
            ("cpu", True): ("Bottlerocket", "bottlerocket-aws-k8s-1.35-aarch64-v1.58.0-c5c37032"),
            ("gpu", False): ("AL2023", "amazon-eks-node-al2023-x86_64-nvidia-1.35-v20260911"),
            ("gpu", True): ("AL2023", "amazon-eks-node-al2023-arm64-nvidia-1.35-v20260911"),
        }.items()
    }


def test_nodes_are_labelled_and_tainted_as_those_of_groups() -> None:
    gpu, cpu = node_pool("l40s", L40S), node_pool("cpu", CPU)
    assert gpu["template"]["metadata"]["labels"] == pools.labels("l40s", "gpu", "on-demand", None)
    assert gpu["template"]["spec"]["taints"] == pools.taints("gpu")
    assert cpu["template"]["metadata"]["labels"] == pools.labels("cpu", "cpu", "spot", None)
    assert "taints" not in cpu["template"]["spec"]


def test_there_are_never_more_than_the_pool_may_have() -> None:
    assert node_pool("l40s", L40S)["limits"] == {"cpu": "192", "memory": "1536Gi", "nvidia.com/gpu": "16"}
    assert node_pool("cpu", CPU)["limits"] == {"cpu": "160", "memory": "640Gi"}
    assert wanted(node_pool("cpu", CPU)) == {
        "node.kubernetes.io/instance-type": ["m7i.4xlarge", "m6i.4xlarge"],
        "topology.kubernetes.io/zone": ["me-central-1a", "me-central-1b"],
        "karpenter.sh/capacity-type": ["spot"],
        "kubernetes.io/arch": ["amd64"],
        "kubernetes.io/os": ["linux"],
    }


def test_nothing_that_runs_is_taken_from_its_machine_to_save_one() -> None:
    disruption = node_pool("l40s", L40S)["disruption"]
    assert disruption["consolidationPolicy"] == "WhenEmpty"
    assert disruption["budgets"] == [{"nodes": "1"}]
    assert node_pool("l40s", L40S)["template"]["spec"]["expireAfter"] == "Never"


def test_prometheus_finds_it_where_its_job_looks() -> None:
    found = made()
    (job,) = [one for one in JOBS if one.name == "karpenter"]
    template = found["k-controller-deployment-karpenter"].inputs["spec"]["template"]
    assert job.namespace == NAMESPACE
    assert job.labels.items() <= template["metadata"]["labels"].items()
    ports = [one["containerPort"] for one in template["spec"]["containers"][0]["ports"]]
    assert job.port in ports
