from typing import cast

import pulumi
import pulumi_aws as aws
import pytest

from tests.components.aws import rig


class Pair(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("falaj:aws:Pair", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.key = aws.kms.Key(f"{name}-key", opts=pulumi.ResourceOptions(parent=self, protect=True))
        self.secret = aws.secretsmanager.SecretVersion(
            f"{name}-secret", secret_id=self.key.arn, secret_string=pulumi.Output.secret("hush"), opts=child
        )
        self.register_outputs({})


def test_children_are_noted_with_their_inputs_options_and_outputs() -> None:
    pairs: list[Pair] = []
    made = rig.deployed(lambda: pairs.append(Pair("one")))
    assert set(made) == {"one", "one-key", "one-secret"}
    key, secret = made["one-key"], made["one-secret"]
    assert (key.parent, key.protect, key.retain) == ("one", True, False)
    assert secret.inputs == {"secretId": rig.known(pairs[0].key.arn), "secretString": "hush"}
    assert secret.secret == {"secretString"}
    assert secret.depends_on == {"one-key"}
    assert rig.known({"arn": pairs[0].key.arn})["arn"].startswith("arn:aws:kms:me-central-1:123456789012:key/")


def test_a_lookup_fails() -> None:
    with pytest.raises(AssertionError, match="looked up"):
        rig.deployed(lambda: aws.get_caller_identity())


def test_inputs_are_the_providers() -> None:
    with pytest.raises(Exception, match="rotationPeriodInDays"):
        rig.deployed(lambda: aws.kms.Key("key", rotation_period_in_days=cast("int", "often")))
