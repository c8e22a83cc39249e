from typing import Any

import pytest

from components.aws.registry import Registry, RegistryArgs, repository_arn
from tests.components.aws import rig


def registry(**settings: Any) -> tuple[Registry, dict[str, rig.Made]]:
    built: list[Registry] = []
    given: dict[str, Any] = {"context": rig.context(), "key": rig.key("registry"), "keep_images": 50}
    args = RegistryArgs(**{**given, "repositories": ["ray", "mlflow"], **settings})
    made = rig.deployed(lambda: built.append(Registry("registry", args)))
    return built[0], made


def test_images_stay_what_they_were_are_scanned_and_sealed() -> None:
    built, made = registry()
    assert set(built.registry.urls) == set(built.registry.arns) == {"ray", "mlflow"}
    ray = made["registry-ray"]
    assert (ray.protect, ray.retain, ray.inputs["forceDelete"]) == (True, True, False)
    assert (ray.inputs["name"], ray.inputs["imageTagMutability"]) == ("uae-aws/ray", "IMMUTABLE")
    assert ray.inputs["imageScanningConfiguration"] == {"scanOnPush": True}
    assert ray.inputs["encryptionConfigurations"] == [{"encryptionType": "KMS", "kmsKey": rig.key("registry").arn}]
    assert repository_arn(rig.context(), "ray").endswith(":repository/uae-aws/ray")


def test_only_the_account_pulls() -> None:
    pull, nobody = registry()[1]["registry-ray-policy"].document("policy")["Statement"]
    assert pull["Principal"] == {"AWS": f"arn:aws:iam::{rig.ACCOUNT}:root"}
    assert not any("Put" in action or "*" in action for action in pull["Action"])
    assert (nobody["Effect"], nobody["Condition"]["StringNotEquals"]) == ("Deny", {"aws:PrincipalAccount": rig.ACCOUNT})


@pytest.mark.parametrize("keep", [1, 50])
def test_as_many_images_are_kept_as_asked(keep: int) -> None:
    untagged, tagged = registry(keep_images=keep)[1]["registry-ray-life"].document("policy")["rules"]
    assert untagged["selection"]["tagStatus"] == "untagged"
    assert (tagged["selection"]["countType"], tagged["selection"]["countNumber"]) == ("imageCountMoreThan", keep)


def test_the_accounts_scanner_is_left_alone_unless_asked() -> None:
    assert "registry-scan" not in registry()[1]
    scan = registry(continuous_scan=True)[1]["registry-scan"].inputs
    assert scan["scanType"] == "ENHANCED"
    assert scan["rules"][0]["repositoryFilters"] == [{"filter": "uae-aws/*", "filterType": "WILDCARD"}]
