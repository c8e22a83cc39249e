from components.aws.mirror import Mirror, MirrorArgs, address
from components.aws.registry import policy
from tests.components.aws import rig


def made() -> dict[str, rig.Made]:
    args = MirrorArgs(context=rig.context(), key=rig.key("registry"), boundary="boundary")
    return rig.deployed(lambda: Mirror("mirror", args))


def test_a_repository_that_a_push_makes_is_as_closed_as_the_others() -> None:
    template = made()["mirror-template"]
    assert template.inputs["appliedFors"] == ["CREATE_ON_PUSH"]
    assert address(rig.context()).endswith(f"/{template.inputs['prefix']}")
    assert template.inputs["imageTagMutability"] == "IMMUTABLE"
    assert template.inputs["encryptionConfigurations"] == [{"encryptionType": "KMS", "kmsKey": rig.key("registry").arn}]
    assert template.document("repositoryPolicy") == policy(rig.context())
    assert template.inputs["resourceTags"].items() >= rig.TAGS.items()


def test_ecr_makes_repositories_of_the_mirror_only() -> None:
    found = made()
    (rights,) = found["mirror-maker-rights"].document("policy")["Statement"]
    assert rights["Resource"] == rig.context().arn("ecr", "repository/uae-aws/mirror/*")
    (trust,) = found["mirror-maker-role"].document("assumeRolePolicy")["Statement"]
    assert trust["Principal"] == {"Service": "ecr.amazonaws.com"}
    assert found["mirror-maker-role"].inputs["permissionsBoundary"] == "boundary"
    assert "mirror-maker-late-rights" in found["mirror-template"].depends_on
