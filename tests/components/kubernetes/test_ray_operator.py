from components.kubernetes.ray_operator import RayOperator, RayOperatorArgs
from tests.components.kubernetes import rig


def made() -> dict[str, rig.Made]:
    return rig.deployed(lambda: RayOperator("ray", RayOperatorArgs(context=rig.context())))


def test_the_gate_finds_nothing() -> None:
    assert rig.findings(made(), "IMG-003") == {}


def test_it_starts_once_its_types_are_there_with_the_rights_that_its_makers_say() -> None:
    found = made()
    types = {name for name, one in found.items() if one.type.endswith(":CustomResourceDefinition")}
    assert {one.partition(".")[0].removeprefix("ray-types-") for one in types} == {
        "rayclusters",
        "raycronjobs",
        "rayjobs",
        "rayservices",
    }
    assert found["kuberay-operator-server"].depends_on >= types
    rules = found["kuberay-operator-role"].inputs["rules"]
    assert [rule["verbs"] for rule in rules if rule["resources"] == ["secrets"]] == [["create", "get", "list", "watch"]]
