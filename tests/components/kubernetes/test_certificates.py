from components.kubernetes.certificates import Certificate, CertificateArgs, Certificates, CertificatesArgs
from tests.components.kubernetes import rig


def made() -> dict[str, rig.Made]:
    def build() -> None:
        context = rig.context()
        certificates = Certificates("certificates", CertificatesArgs(context=context))
        args = CertificateArgs(
            context=context, namespace="ray", names=["head.ray.svc"], secret="head-tls", after=certificates.ready
        )
        Certificate("head", args)

    return rig.deployed(build)


def test_the_gate_finds_nothing() -> None:
    assert rig.findings(made(), "IMG-003") == {}


def test_types_come_before_their_objects_and_the_authority_before_whom_it_signs_for() -> None:
    found = made()
    types = {name for name, one in found.items() if one.type.endswith(":CustomResourceDefinition")}
    assert len(types) == 6
    assert found["certificates-issuer"].depends_on >= types | {"certificates-root"}
    assert found["head-certificate"].depends_on >= {"certificates-issuer"}


def test_every_image_is_of_the_mirror_by_its_digest() -> None:
    pods = [one.inputs["spec"]["template"]["spec"] for one in rig.of_type(made(), "Deployment")]
    images = [container["image"] for pod in pods for container in pod["containers"]]
    assert len(images) == 3
    assert all(image.startswith(f"{rig.REGISTRY}/falaj/jetstack/") and "@sha256:" in image for image in images)
