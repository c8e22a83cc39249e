from typing import Any

import pytest

from components.kubernetes.bill import objects
from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.vendored import Vendored, VendoredArgs
from tests.components.kubernetes import rig

SECRETS = dict.fromkeys(("external-secrets", "webhook", "cert-controller"), "external-secrets")
PROGRAMS = {
    "external-secrets": ("external-secrets", SECRETS),
    "gatekeeper": ("gatekeeper-system", {"manager": "gatekeeper"}),
    "karpenter": ("karpenter", {"controller": "karpenter"}),
    "kueue": ("kueue-system", {"manager": "kueue"}),
}
READS = [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list", "watch"]}]


def made(name: str, **more: Any) -> dict[str, rig.Made]:
    namespace, images = PROGRAMS[name]
    context = rig.context()

    def build() -> None:
        space = Namespace("space", NamespaceArgs(context=context, name=namespace))
        args = {"images": images, "needs_token": "watches its own kinds", **more}
        Vendored(name, VendoredArgs(context=context, name=name, after=[space], **args))

    return rig.deployed(build)


@pytest.mark.parametrize("name", sorted(set(PROGRAMS) - {"gatekeeper"}))
def test_the_gate_finds_nothing(name: str) -> None:
    assert rig.findings(made(name), "IMG-003") == {}


def test_rules_of_ones_own_take_the_place_of_a_makers_that_say_too_much() -> None:
    role = ("IAM-004", "gatekeeper-cluster-role-gatekeeper-manager-role")
    assert list(rig.findings(made("gatekeeper"), "IMG-003")) == [role]
    narrow = made("gatekeeper", rules={"gatekeeper-manager-role": READS})
    assert rig.findings(narrow, "IMG-003") == {}
    assert narrow[role[1]].inputs["rules"] == READS


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_types_come_first_then_rights_then_pods_then_webhooks(name: str) -> None:
    found = made(name)
    types = names(found, "CustomResourceDefinition")
    rights = names(found, "ClusterRoleBinding") | names(found, "RoleBinding") | names(found, "ServiceAccount")
    pods = names(found, "Deployment")
    assert types
    assert rights
    assert all(found[pod].depends_on >= types | rights for pod in pods)
    hooks = names(found, "ValidatingWebhookConfiguration") | names(found, "MutatingWebhookConfiguration")
    assert all(found[hook].depends_on >= pods for hook in hooks)


def test_a_setting_is_put_in_place_of_the_charts_own() -> None:
    found = made("karpenter", settings={"CLUSTER_NAME": "uae-aws"})
    (container,) = found["karpenter-deployment-karpenter"].inputs["spec"]["template"]["spec"]["containers"]
    said = [one["value"] for one in container["env"] if one["name"] == "CLUSTER_NAME"]
    assert said == ["uae-aws"]


def test_types_alone_are_registered_when_no_image_is_named() -> None:
    found = rig.deployed(lambda: Vendored("types", VendoredArgs(context=rig.context(), name="velero")))
    assert {one.type.rsplit(":", 1)[-1] for one in found.values()} == {"Vendored", "CustomResourceDefinition"}
    assert len(rig.of_type(found, "CustomResourceDefinition")) == 13


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_every_container_runs_a_mirrored_image(name: str) -> None:
    pods = [one.inputs["spec"]["template"]["spec"] for one in rig.of_type(made(name), "Deployment")]
    images = {container["image"] for pod in pods for container in pod["containers"]}
    assert len(pods) == sum(one["kind"] == "Deployment" for one in objects(name))
    assert images == {rig.context().image(image) for image in PROGRAMS[name][1].values()}


def names(found: dict[str, rig.Made], kind: str) -> set[str]:
    return {name for name, one in found.items() if one.type.endswith(f":{kind}")}
