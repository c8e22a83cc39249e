import pytest

from components.contracts import FileStore
from components.kubernetes.storage import DISKS, FILES, Storage, StorageArgs, elastic_block_store
from tests.components.aws.rig import key
from tests.components.kubernetes import rig

EFS = FileStore(id="fs-1", kind="efs")


def made(files: FileStore | None = EFS, *, prod: bool = True) -> dict[str, rig.Made]:
    context = rig.context(prod=prod)
    args = StorageArgs(context=context, disks=elastic_block_store(context, key("volumes")), files=files)
    return rig.deployed(lambda: Storage("storage", args))


def test_the_gate_finds_nothing() -> None:
    assert rig.findings(made()) == {}


def test_who_names_no_class_gets_a_disk_that_is_sealed_with_the_regions_key_and_carries_its_tags() -> None:
    classes = {one.inputs["metadata"]["name"]: one.inputs for one in rig.of_type(made(), "StorageClass")}
    default = "storageclass.kubernetes.io/is-default-class"
    assert [name for name, one in classes.items() if default in one["metadata"].get("annotations", {})] == [DISKS]
    parameters = classes[DISKS]["parameters"]
    assert (parameters["encrypted"], parameters["kmsKeyId"]) == ("true", key("volumes").arn)
    assert "data-class=restricted" in parameters.values()
    assert classes[DISKS]["volumeBindingMode"] == "WaitForFirstConsumer"


@pytest.mark.parametrize(("prod", "policy"), [(True, "Retain"), (False, "Delete")])
def test_in_production_data_outlives_its_claim(prod: bool, policy: str) -> None:
    assert {one.inputs["reclaimPolicy"] for one in rig.of_type(made(prod=prod), "StorageClass")} == {policy}


def test_shared_files_are_mounted_by_tls_and_as_somebody() -> None:
    found = made()["storage-files"].inputs
    assert found["metadata"]["name"] == FILES
    assert found["mountOptions"] == ["tls", "iam"]
    assert found["parameters"]["fileSystemId"] == "fs-1"


@pytest.mark.parametrize("files", [None, FileStore(id="fs-1", kind="lustre")])
def test_without_efs_there_are_disks_only(files: FileStore | None) -> None:
    assert [one.name for one in rig.of_type(made(files), "StorageClass")] == ["storage-disks"]
