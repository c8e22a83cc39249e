"""Kueue beside a simulated region is the stack's own, with other addresses."""

from pathlib import Path

import pytest
import yaml
from cryptography import x509

from components.kubernetes.bill import bill, objects
from infra.sim import certificates, kueue
from infra.sim.rights import rights
from infra.sim.state import Ports, Sim
from infra.toolchain import SIM

HERE = {"namespace", "health", "internalCertManagement", "leaderElection", "metrics", "webhook", "featureGates"}


@pytest.fixture
def sim(tmp_path: Path) -> Sim:
    ports = Ports(
        etcd=1, peers=2, api=3, controllers=4, scheduler=5, operator=6, kueue=7, webhooks=8, gatekeeper=9, admission=10
    )
    made = Sim(name="one", stack="uae-aws", folder=tmp_path, ports=ports, services="172.20.0.0/16")
    certificates.make(made.keys, made.server, "172.20.0.1")
    return made


def test_it_is_the_one_whose_types_are_vendored() -> None:
    (tool,) = [one for one in SIM if one.name == kueue.NAME]
    assert f"v{tool.version}" == bill().manifests[kueue.NAME].version


def test_what_decides_over_work_is_as_in_a_cluster(sim: Sim) -> None:
    (found,) = [one for one in objects(kueue.NAME) if one["kind"] == "ConfigMap"]
    theirs = yaml.safe_load(found["data"]["controller_manager_config.yaml"])
    ours = yaml.safe_load(kueue.configuration(sim))
    assert {key for key in ours if ours[key] != theirs.get(key)} <= HERE
    assert set(theirs) <= set(ours)
    assert {"integrations", "resources", "manageJobsWithoutQueueName"} <= {key for key in ours if key not in HERE}


def test_all_its_addresses_are_loopback(sim: Sim) -> None:
    said = yaml.safe_load(kueue.configuration(sim))
    assert (said["webhook"]["host"], said["webhook"]["port"]) == ("127.0.0.1", 8)
    assert said["health"]["healthProbeBindAddress"] == "127.0.0.1:7"
    assert said["metrics"]["bindAddress"] == "0"
    assert said["featureGates"] == {"VisibilityOnDemand": False}


def test_its_certificate_is_of_the_service_that_is_called(sim: Sim) -> None:
    held = x509.load_pem_x509_certificate((sim.keys / kueue.NAME / "tls.crt").read_bytes())
    root = x509.load_pem_x509_certificate((sim.keys / kueue.NAME / "ca.crt").read_bytes())
    held.verify_directly_issued_by(root)
    names = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "kueue-webhook-service.kueue-system.svc" in names.get_values_for_type(x509.DNSName)


def test_it_reads_secrets_nowhere_but_where_its_certificate_is() -> None:
    mine = [one for one in rights() if one["metadata"]["name"] == "falaj-sim-kueue-controller-manager"]
    (secrets,) = [one for one in mine if one["kind"] == "Role"]
    (cluster,) = [one for one in mine if one["kind"] == "ClusterRole"]
    assert secrets["metadata"]["namespace"] == kueue.HOME
    assert [rule["resources"] for rule in secrets["rules"]] == [["secrets"]]
    assert not [rule for rule in cluster["rules"] if "secrets" in rule["resources"]]
