import pytest

from components.aws import boundary
from components.aws.secret import secret_arn
from components.aws.secret_readers import SecretReaders, SecretReadersArgs
from components.contracts import Cluster
from components.kubernetes.secrets import NAMESPACE
from tests.components.aws import rig
from tests.components.aws.iam import permits

CONTEXT = rig.context()
HERE = {"aws:RequestedRegion": CONTEXT.region}
READ = "secretsmanager:GetSecretValue"
CACHE, OTHER = (CONTEXT.arn("secretsmanager", f"secret:uae-aws/{name}-a1B2c3") for name in ("cache-ray", "other"))
READER = f"arn:aws:iam::{rig.ACCOUNT}:role/uae-aws-secrets-ray"


@pytest.fixture(scope="module")
def made() -> dict[str, rig.Made]:
    cluster = Cluster(
        name="uae-aws",
        arn=CONTEXT.arn("eks", "cluster/uae-aws"),
        endpoint="https://x",
        certificate="",
        version="1.35",
        security_group="sg-1",
    )
    args = SecretReadersArgs(
        context=CONTEXT,
        cluster=cluster,
        secrets={"ray": [secret_arn(CONTEXT, "cache-ray")], "mlflow": [OTHER]},
        boundary=boundary.policy_arn(CONTEXT),
    )
    return rig.deployed(lambda: SecretReaders("secrets", args))


def test_a_namespaces_role_reads_what_it_is_given_and_nothing_else(made: dict[str, rig.Made]) -> None:
    rights = made["secrets-ray-rights"].document("policy")
    assert permits(rights, READ, CACHE)
    assert permits(boundary.policy(CONTEXT), READ, CACHE, HERE)
    assert not permits(rights, READ, OTHER)
    assert not permits(rights, "secretsmanager:PutSecretValue", CACHE)


def test_who_copies_them_reads_none_by_itself(made: dict[str, rig.Made]) -> None:
    rights = made["secrets-identity-rights"].document("policy")
    assert not permits(rights, READ, CACHE)
    assert permits(rights, "sts:AssumeRole", READER)
    assert permits(boundary.policy(CONTEXT), "sts:AssumeRole", READER, HERE)
    assert not permits(rights, "sts:AssumeRole", f"arn:aws:iam::{rig.ACCOUNT}:role/uae-aws-train")


def test_a_role_is_taken_by_who_copies_alone(made: dict[str, rig.Made]) -> None:
    trust = made["secrets-ray-role"].document("assumeRolePolicy")
    copier = f"arn:aws:iam::{rig.ACCOUNT}:role/uae-aws-secret-copier"
    for action in ("sts:AssumeRole", "sts:TagSession"):  # its sessions are tagged by EKS, and hand their tags on
        assert permits(trust, action, "*", {"aws:PrincipalArn": copier})
        assert not permits(trust, action, "*", {"aws:PrincipalArn": READER})
    (association,) = rig.of_type(made, "PodIdentityAssociation")
    assert (association.inputs["namespace"], association.inputs["serviceAccount"]) == (NAMESPACE, "external-secrets")
