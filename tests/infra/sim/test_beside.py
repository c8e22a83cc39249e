"""Kueue and Gatekeeper beside a simulated region are the stack's own, with other addresses."""

from pathlib import Path

import pytest
import yaml
from cryptography import x509

from components.kubernetes.bill import bill, objects
from infra.sim import certificates, gatekeeper, kueue
from infra.sim.rights import rights
from infra.sim.state import Ports, Sim
from infra.sim.webhook import HOME, Webhook
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


@pytest.mark.parametrize("name", [kueue.NAME, gatekeeper.NAME])
def test_it_is_the_one_whose_types_are_vendored(name: str) -> None:
    (tool,) = [one for one in SIM if one.name == name]
    assert f"v{tool.version}" == bill().manifests[name].version


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


@pytest.mark.parametrize("webhook", [kueue.WEBHOOK, gatekeeper.WEBHOOK])
def test_its_certificate_is_of_the_service_that_is_called(sim: Sim, webhook: Webhook) -> None:
    services = [one["metadata"] for one in objects(webhook.program) if one["kind"] == "Service"]
    assert webhook.service in {f"{one['namespace']}/{one['name']}" for one in services}
    held = x509.load_pem_x509_certificate((sim.keys / webhook.program / "tls.crt").read_bytes())
    root = x509.load_pem_x509_certificate((sim.keys / webhook.program / "ca.crt").read_bytes())
    held.verify_directly_issued_by(root)
    names = held.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    space, _, name = webhook.service.partition("/")
    assert f"{name}.{space}.svc" in names.get_values_for_type(x509.DNSName)


def test_gatekeeper_is_told_what_the_components_is_told_and_listens_on_loopback(sim: Sim) -> None:
    said = gatekeeper.arguments(sim)
    pods = [one["spec"]["template"]["spec"] for one in objects(gatekeeper.NAME) if one["kind"] == "Deployment"]
    theirs = {argument for pod in pods for container in pod["containers"] for argument in container["args"]}
    own = {one.partition("=")[0] for one in theirs - set(said)}
    assert own == {"--port", "--health-addr", "--prometheus-port", "--metrics-backend"}
    assert {"--host=127.0.0.1", "--port=10", "--health-addr=127.0.0.1:9", "--metrics-backend=opentelemetry"} <= set(
        said
    )
    assert {"--operation=webhook", "--operation=audit", "--operation=status"} <= set(said)


@pytest.mark.parametrize("user", ["kueue-controller-manager", "gatekeeper-admin"])
def test_it_reads_secrets_nowhere_but_where_its_certificate_is(user: str) -> None:
    watched = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]
    mine = [one for one in rights(watched) if one["metadata"]["name"] == f"falaj-sim-{user}"]
    (role,) = [one for one in mine if one["kind"] == "Role"]
    (cluster,) = [one for one in mine if one["kind"] == "ClusterRole"]
    assert role["metadata"]["namespace"] == HOME
    assert any("secrets" in rule["resources"] for rule in role["rules"])
    assert not [rule for rule in cluster["rules"] if "secrets" in rule["resources"]]
