import pytest

from components.kubernetes.namespace import Namespace, NamespaceArgs
from components.kubernetes.signatures import Signatures, SignaturesArgs
from tests.components.kubernetes import rig

KEY = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"


def made() -> dict[str, rig.Made]:
    context = rig.context()

    def build() -> None:
        Signatures("signatures", SignaturesArgs(context=context, signers=[KEY], registries=[rig.REGISTRY]))
        Namespace("other", NamespaceArgs(context=context, name="other"))

    return rig.deployed(build)


def test_the_gate_finds_nothing_and_sees_who_signs() -> None:
    assert rig.findings(made()) == {}


def test_no_image_runs_unlooked_at_but_the_lookers_own() -> None:
    found = made()
    include = {"policy.sigstore.dev/include": "true"}
    assert found["other-namespace"].inputs["metadata"]["labels"].items() >= include.items()
    assert not found["signatures-space-namespace"].inputs["metadata"]["labels"].keys() & include.keys()
    (policy,) = rig.of_type(found, "ClusterImagePolicy")
    assert policy.inputs["spec"]["mode"] == "enforce"
    assert policy.inputs["spec"]["authorities"] == [
        {"name": "signer-0", "key": {"data": KEY, "hashAlgorithm": "sha256"}}
    ]
    (pod,) = [one.inputs["spec"]["template"]["spec"] for one in rig.of_type(found, "Deployment")]
    assert pod["containers"][0]["args"] == ["--disable-tuf=true"]


def test_without_a_signer_nothing_could_run() -> None:
    with pytest.raises(ValueError, match="signs"):
        SignaturesArgs(context=rig.context(), signers=[], registries=[rig.REGISTRY])
