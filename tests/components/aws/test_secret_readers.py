from typing import Any

import pulumi
import pytest

from components.aws import boundary
from components.aws.secret import named_arn, secret_arn
from components.aws.secret_readers import SecretReaders, SecretReadersArgs
from components.kubernetes.secrets import NAMESPACE
from tests.components.aws import rig
from tests.components.aws.iam import permits

CONTEXT = rig.context()
HERE = {"aws:RequestedRegion": CONTEXT.region}
READ = "secretsmanager:GetSecretValue"
CACHE, DATABASE, ALERTS = (
    CONTEXT.arn("secretsmanager", f"secret:{name}-a1B2c3") for name in ("uae-aws/cache-ray", "rds!db-1", "team/alerts")
)
SPACES = {"ray": CACHE, "mlflow": DATABASE, "monitoring": ALERTS}
READER = f"arn:aws:iam::{rig.ACCOUNT}:role/uae-aws-secrets-ray"


@pytest.fixture(scope="module")
def made() -> dict[str, rig.Made]:
    args = SecretReadersArgs(
        context=CONTEXT,
        cluster=rig.cluster(),
        secrets={
            "ray": [secret_arn(CONTEXT, "cache-ray")],
            "mlflow": [pulumi.Output.from_input(DATABASE)],
            "monitoring": [named_arn(CONTEXT, "team/alerts")],
        },
        boundary=boundary.policy_arn(CONTEXT),
    )
    return rig.deployed(lambda: SecretReaders("secrets", args))


def rights(made: dict[str, rig.Made], space: str) -> dict[str, Any]:
    """What is unknown until RDS has made it is in a policy of its own."""
    return made[f"secrets-{space}-{'late-rights' if space == 'mlflow' else 'rights'}"].document("policy")


@pytest.mark.parametrize("space", SPACES)
def test_a_namespaces_role_reads_what_it_is_given_and_nothing_else(made: dict[str, rig.Made], space: str) -> None:
    may = rights(made, space)
    assert [other for other, secret in SPACES.items() if permits(may, READ, secret)] == [space]
    assert permits(boundary.policy(CONTEXT), READ, SPACES[space], HERE)
    assert not permits(may, "secretsmanager:PutSecretValue", SPACES[space])
    assert len([one for one in made if one.startswith(f"secrets-{space}-") and one.endswith("rights")]) == 1


def test_who_copies_them_reads_none_by_itself(made: dict[str, rig.Made]) -> None:
    may = made["secrets-identity-rights"].document("policy")
    assert not [space for space, secret in SPACES.items() if permits(may, READ, secret)]
    assert permits(may, "sts:AssumeRole", READER)
    assert permits(boundary.policy(CONTEXT), "sts:AssumeRole", READER, HERE)
    assert not permits(may, "sts:AssumeRole", f"arn:aws:iam::{rig.ACCOUNT}:role/uae-aws-train")


def test_a_role_is_taken_by_who_copies_alone(made: dict[str, rig.Made]) -> None:
    trust = made["secrets-ray-role"].document("assumeRolePolicy")
    copier = f"arn:aws:iam::{rig.ACCOUNT}:role/uae-aws-secret-copier"
    for action in ("sts:AssumeRole", "sts:TagSession"):  # its sessions are tagged by EKS, and hand their tags on
        assert permits(trust, action, "*", {"aws:PrincipalArn": copier})
        assert not permits(trust, action, "*", {"aws:PrincipalArn": READER})
    (association,) = rig.of_type(made, "PodIdentityAssociation")
    assert (association.inputs["namespace"], association.inputs["serviceAccount"]) == (NAMESPACE, "external-secrets")
