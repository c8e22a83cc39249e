from typing import Any

import pytest

from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.secrets import (
    MadeSecret,
    MadeSecretArgs,
    SecretCopy,
    SecretCopyArgs,
    Secrets,
    SecretsArgs,
)
from tests.components.kubernetes import rig

ROLES = {space: f"arn:aws:iam::111122223333:role/uae-aws-secrets-{space}" for space in ("ray", "mlflow")}


@pytest.fixture(scope="module")
def made() -> dict[str, rig.Made]:
    return rig.deployed(build)


def build() -> None:
    context = rig.context()
    Namespace("ray", NamespaceArgs(context=context, name="ray"))
    args = SecretsArgs(context=context, region="me-central-1", readers=ROLES)
    secrets = Secrets("secrets", args)
    common: dict[str, Any] = {"context": context, "namespace": "ray", "after": secrets.ready}
    SecretCopy("cache", SecretCopyArgs(secret="cache", remote="uae-aws/cache-ray", **common))
    MadeSecret("token", MadeSecretArgs(secret="ray-token", key="auth_token", **common))


def test_the_gate_finds_nothing(made: dict[str, rig.Made]) -> None:
    assert rig.findings(made, "IMG-003") == {}


def test_its_types_take_all_that_is_asked_of_them(made: dict[str, rig.Made]) -> None:
    assert rig.refused(made) == {}


def test_a_store_serves_one_namespace_by_a_role_of_its_own(made: dict[str, rig.Made]) -> None:
    stores = [one.inputs for one in made.values() if one.inputs.get("kind") == "ClusterSecretStore"]
    assert {store["metadata"]["name"]: store["spec"]["provider"]["aws"]["role"] for store in stores} == ROLES
    for store in stores:
        assert store["spec"]["conditions"] == [{"namespaces": [store["metadata"]["name"]]}]
        assert "auth" not in store["spec"]["provider"]["aws"], "no key: the operator's own identity takes the role"


def test_a_copy_is_read_from_its_namespaces_store_and_outlives_the_others_loss(made: dict[str, rig.Made]) -> None:
    spec = made["cache-wanted"].inputs["spec"]
    assert spec["secretStoreRef"] == {"kind": "ClusterSecretStore", "name": "ray"}
    assert spec["target"] == {"name": "cache", "creationPolicy": "Owner", "deletionPolicy": "Retain"}
    assert spec["dataFrom"] == [{"extract": {"key": "uae-aws/cache-ray"}}]
    assert made["cache-wanted"].depends_on >= {"secrets-store-ray"}


def test_a_made_secret_is_made_once_and_is_in_no_input(made: dict[str, rig.Made]) -> None:
    spec = made["token-wanted"].inputs["spec"]
    assert spec["refreshPolicy"] == "CreatedOnce"
    (source,) = spec["dataFrom"]
    assert source["sourceRef"]["generatorRef"]["name"] == made["token-generator"].inputs["metadata"]["name"]
    assert made["token-generator"].inputs["spec"]["secretKeys"] == ["auth_token"]
    assert made["token-generator"].inputs["spec"]["length"] >= 32
