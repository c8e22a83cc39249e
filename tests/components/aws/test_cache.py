import json
from dataclasses import replace
from typing import Any

import pytest

from components.aws.cache import Cache, CacheArgs
from components.aws.secret import secret_arn
from tests.components.aws import rig
from tests.components.aws.test_database import NETWORK


def cache(*, prod: bool = True, **settings: Any) -> tuple[Cache, dict[str, rig.Made]]:
    given: dict[str, Any] = {
        "network": NETWORK,
        "clients": "sg-machines",
        "key": rig.key("cache"),
        "log_key": rig.key("logs"),
        "secret_key": rig.key("secrets"),
        "node_type": "cache.m7g.large",
        "version": "8.0",
        "replicas": 1,
    }
    built: list[Cache] = []
    args = CacheArgs(context=rig.context(prod=prod), **{**given, **settings})
    made = rig.deployed(lambda: built.append(Cache("cache", args)))
    return built[0], made


def test_what_it_keeps_and_sends_is_sealed() -> None:
    group = cache()[1]["cache-group"].inputs
    assert (group["atRestEncryptionEnabled"], group["kmsKeyId"]) == (True, rig.key("cache").arn)
    assert (group["transitEncryptionEnabled"], group["transitEncryptionMode"]) == (True, "required")
    assert {log["logType"] for log in group["logDeliveryConfigurations"]} == {"slow-log", "engine-log"}
    logs = rig.of_type(cache()[1], "LogGroup")
    assert {log.inputs["kmsKeyId"] for log in logs} == {rig.key("logs").arn}


def test_no_password_is_in_the_program_or_its_state() -> None:
    made = cache()[1]
    template = made["cache-secret-stack"].document("templateBody")
    secret = template["Resources"]["Secret"]["Properties"]
    assert secret["KmsKeyId"] == rig.key("secrets").arn
    assert secret["GenerateSecretString"]["GenerateStringKey"] == "password"
    assert "SecretString" not in secret
    user = made["cache-ray"].document("templateBody")["Resources"]["User"]["Properties"]
    assert user["Passwords"] == [f"{{{{resolve:secretsmanager:{secret['Name']}:SecretString:password}}}}"]
    assert json.loads(secret["GenerateSecretString"]["SecretStringTemplate"]) == {"username": user["UserName"]}
    assert "cache-secret-stack" in made["cache-ray"].depends_on
    assert not any(
        {"authToken", "authTokenWo", "passwords", "passwordsWo"} & one.inputs.keys() for one in made.values()
    )


def test_the_secret_opens_to_this_account_only_and_stays_in_production() -> None:
    resources = cache()[1]["cache-secret-stack"].document("templateBody")["Resources"]
    (statement,) = resources["Policy"]["Properties"]["ResourcePolicy"]["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"]["StringNotEquals"] == {"aws:PrincipalAccount": rig.ACCOUNT}
    assert resources["Secret"]["DeletionPolicy"] == "Retain"
    assert (
        cache(prod=False)[1]["cache-secret-stack"].document("templateBody")["Resources"]["Secret"]["DeletionPolicy"]
        == "Delete"
    )


def test_every_user_has_its_own_rights_and_nobody_is_let_in_unnamed() -> None:
    built, made = cache()
    ray, features = built.users
    assert made["cache-users"].inputs["userIds"] == [ray, features]
    assert "cache-ray" in made["cache-users"].depends_on
    assert made["cache-group"].inputs["userGroupIds"] == [made["cache-users"].inputs["userGroupId"]]
    by_iam = made["cache-features"].inputs
    assert by_iam["authenticationMode"] == {"type": "iam"}
    assert by_iam["userId"] == by_iam["userName"]  # IAM lets nobody in whose two names differ
    rights = made["cache-ray"].document("templateBody")["Resources"]["User"]["Properties"]
    assert rights["NoPasswordRequired"] is False
    for access in (by_iam["accessString"], rights["AccessString"]):
        assert "~*" not in access
        assert "-@all" in access
        assert "-@dangerous" in access


def test_the_endpoint_names_the_secret_that_holds_ray_s_name_and_password() -> None:
    built, made = cache()
    assert built.endpoint.secret == "uae-aws/cache-ray"
    assert built.endpoint.port == 6379
    assert secret_arn(rig.context(), "cache-ray") == (
        f"arn:aws:secretsmanager:{rig.REGION}:{rig.ACCOUNT}:secret:uae-aws/cache-ray-??????"
    )
    assert rig.known(built.endpoint.host).startswith("primaryEndpointAddress")
    assert made["cache-group"].inputs["clusterMode"] == "disabled"


@pytest.mark.parametrize(("replicas", "several"), [(2, True), (0, False)])
def test_a_copy_takes_over_where_there_is_one(replicas: int, several: bool) -> None:
    group = cache(replicas=replicas)[1]["cache-group"].inputs
    assert group["numCacheClusters"] == replicas + 1
    assert (group["automaticFailoverEnabled"], group["multiAzEnabled"]) == (several, several)


def test_machines_reach_it_from_subnets_with_no_way_out() -> None:
    made = cache()[1]
    assert made["cache-subnets"].inputs["subnetIds"] == ["intra-a", "intra-b"]
    (way_in,) = rig.of_type(made, "SecurityGroupIngressRule")
    assert (way_in.inputs["referencedSecurityGroupId"], way_in.inputs["fromPort"]) == ("sg-machines", 6379)


def test_what_ray_wrote_is_not_evicted() -> None:
    parameters = cache(version="7.2")[1]["cache-parameters"].inputs
    assert parameters["family"] == "valkey7"
    assert parameters["parameters"] == [{"name": "maxmemory-policy", "value": "noeviction"}]


def test_who_deploys_need_not_read_the_password_that_cloudformation_hands_on() -> None:
    made = cache(boundary="arn:boundary")[1]
    role = made["cache-maker-role"]
    assert role.inputs["permissionsBoundary"] == "arn:boundary"
    (trust,) = role.document("assumeRolePolicy")["Statement"]
    assert trust["Principal"] == {"Service": "cloudformation.amazonaws.com"}
    for stack in rig.of_type(made, "aws:cloudformation/stack:Stack"):
        assert stack.inputs["iamRoleArn"].endswith("role/uae-aws-cache-maker")
    rights = made["cache-maker-rights"].document("policy")["Statement"]
    read = [one["Resource"] for one in rights if "secretsmanager:GetSecretValue" in one["Action"]]
    assert read == [secret_arn(rig.context(), "cache-ray")]


def test_copies_want_a_second_zone() -> None:
    one = replace(NETWORK, intra={"me-central-1a": "intra-a"})
    with pytest.raises(ValueError, match="1 copies want a second zone"):
        cache(network=one)
    assert cache(network=one, replicas=0)
