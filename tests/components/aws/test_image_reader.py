import pytest

from components.aws import boundary
from components.aws.image_reader import ImageReader, ImageReaderArgs
from components.kubernetes.signatures import ACCOUNT, NAMESPACE
from tests.components.aws import rig
from tests.components.aws.iam import permits

CONTEXT = rig.context()
HERE = {"aws:RequestedRegion": CONTEXT.region}
MIRRORED = CONTEXT.arn("ecr", "repository/uae-aws/mirror/kueue/kueue")


@pytest.fixture(scope="module")
def made() -> dict[str, rig.Made]:
    args = ImageReaderArgs(context=CONTEXT, cluster=rig.cluster(), boundary=boundary.policy_arn(CONTEXT))
    return rig.deployed(lambda: ImageReader("reader", args))


@pytest.mark.parametrize(
    ("action", "resource", "may"),
    [
        ("ecr:GetAuthorizationToken", "*", True),
        ("ecr:BatchGetImage", MIRRORED, True),
        ("ecr:GetDownloadUrlForLayer", CONTEXT.arn("ecr", "repository/uae-aws/ray"), True),
        ("ecr:BatchCheckLayerAvailability", CONTEXT.arn("ecr", "repository/another/ray"), False),
        ("ecr:PutImage", MIRRORED, False),
        ("ecr:BatchDeleteImage", MIRRORED, False),
    ],
)
def test_it_reads_the_regions_images_and_changes_none(
    made: dict[str, rig.Made], action: str, resource: str, may: bool
) -> None:
    assert permits(made["reader-identity-rights"].document("policy"), action, resource) == may
    if may:
        assert permits(boundary.policy(CONTEXT), action, resource, HERE)


def test_only_who_looks_at_signatures_takes_it(made: dict[str, rig.Made]) -> None:
    (association,) = rig.of_type(made, "PodIdentityAssociation")
    assert (association.inputs["namespace"], association.inputs["serviceAccount"]) == (NAMESPACE, ACCOUNT)
    (trust,) = made["reader-identity-role"].document("assumeRolePolicy")["Statement"]
    assert trust["Condition"]["StringEquals"]["aws:RequestTag/kubernetes-namespace"] == NAMESPACE
    assert made["reader-identity-role"].inputs["permissionsBoundary"] == boundary.policy_arn(CONTEXT)
