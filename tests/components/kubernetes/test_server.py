from typing import Any

import pytest

from components.kubernetes.flow import Flow, Peer
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.pod import Claim, container
from components.kubernetes.server import Server, ServerArgs
from tests.components.kubernetes import rig

IMAGE = f"{rig.REGISTRY}/falaj/web:v1@sha256:{'0' * 64}"
RIGHTS = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]


def made(role: Any = "", **server: Any) -> dict[str, rig.Made]:
    context = rig.context()

    def build() -> None:
        flow = Flow(name="web", pods={"app.kubernetes.io/name": "web"}, ingress=[Peer(ports=[80], namespace="*")])
        space = Namespace("space", NamespaceArgs(context=context, name="space", flows=[flow], role=role))
        web = container("web", IMAGE, Claim(cpu="1", memory="1Gi"), ports={"http": 8080})
        args = ServerArgs(context=context, namespace=space.name, containers=[web], ports={"http": 80}, **server)
        Server("web", args)

    return rig.deployed(build)


@pytest.mark.parametrize("server", [{}, {"disks": {"data": "10Gi"}, "replicas": 3}])
def test_the_gate_finds_nothing_in_a_server_and_its_namespace(server: dict[str, Any]) -> None:
    assert rig.findings(made(**server), "IMG-003") == {}


def test_rights_come_with_the_reason_for_the_token() -> None:
    assert rig.findings(made(rights=RIGHTS, needs_token="lists pods"), "IMG-003") == {}
    with pytest.raises(ValueError, match="needs_token"):
        made(rights=RIGHTS)


def test_a_namespace_lets_nothing_through_but_what_is_named() -> None:
    policies = {one.name: one.inputs["spec"] for one in rig.of_type(made(), "NetworkPolicy")}
    assert policies["space-default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert set(policies) == {"space-default-deny", "space-dns", "space-web"}
    assert policies["space-web"] == {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "web"}},
        "policyTypes": ["Ingress"],
        "ingress": [
            {
                "from": [{"podSelector": {}, "namespaceSelector": {}}],
                "ports": [{"port": 80, "protocol": "TCP"}],
            }
        ],
    }
    assert [port["protocol"] for port in policies["space-dns"]["egress"][0]["ports"]] == ["UDP", "TCP"]


def test_only_the_drivers_namespace_is_privileged() -> None:
    label = "pod-security.kubernetes.io/enforce"
    for role, level in (("", "restricted"), ("gpu-system", "privileged")):
        assert made(role)["space-namespace"].inputs["metadata"]["labels"][label] == level


def test_labels_say_whose_it_is_in_words_that_a_label_can_hold() -> None:
    labels = made()["space-namespace"].inputs["metadata"]["labels"]
    assert labels["owner"] == "platform.example.ae"


def test_what_a_server_keeps_is_a_stateful_set() -> None:
    found = made(disks={"data": "10Gi"})["web-server"].inputs["spec"]
    assert found["volumeClaimTemplates"][0]["spec"]["resources"] == {"requests": {"storage": "10Gi"}}
