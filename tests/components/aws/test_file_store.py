from typing import Any

import pytest

from components.aws.file_store import FileStore, FileStoreArgs
from components.contracts import Network
from tests.components.aws import rig

NETWORK = Network(
    id="vpc-1",
    cidr="10.20.0.0/16",
    private={},
    public={},
    intra={f"me-central-1{letter}": f"subnet-{letter}" for letter in "abc"},
)


def files(kind: str, *, prod: bool = True, **settings: Any) -> tuple[FileStore, dict[str, rig.Made]]:
    built: list[FileStore] = []
    given: dict[str, Any] = {"kind": kind, "network": NETWORK, "key": rig.key("files"), "clients": "sg-cluster"}
    args = FileStoreArgs(context=rig.context(prod=prod), **{**given, **settings})
    made = rig.deployed(lambda: built.append(FileStore("files", args)))
    return built[0], made


@pytest.mark.parametrize("kind", ["efs", "lustre"])
def test_files_are_sealed_protected_backed_up_and_for_the_machines_only(kind: str) -> None:
    built, made = files(kind, restore_tested="2026-11-01")
    store = made["files-files"]
    assert (built.store.kind, rig.known(built.store.id)) == (kind, rig.known(built.store.id))
    assert store.inputs["kmsKeyId"] == rig.key("files").arn
    assert (store.protect, store.retain) == (True, True)
    assert (store.inputs["tags"]["backup"], store.inputs["tags"]["restore-tested"]) == ("uae-aws", "2026-11-01")
    rules = made["files-group"].inputs["ingress"]
    assert {group for rule in rules for group in rule["securityGroups"]} == {"sg-cluster"}
    assert not any("cidrBlocks" in rule for rule in rules)
    ports = [(rule["fromPort"], rule["toPort"]) for rule in rules]
    assert ports == ([(2049, 2049)] if kind == "efs" else [(988, 988), (1018, 1023)])


def test_efs_is_mounted_from_the_inner_subnets_by_tls_and_by_nobody_special() -> None:
    built, made = files("efs")
    mounts = {name: one.inputs["subnetId"] for name, one in made.items() if one.type.endswith(":MountTarget")}
    assert mounts == {f"files-mount-{letter}": f"subnet-{letter}" for letter in "abc"}
    assert made["files-files"].inputs["encrypted"] is True
    assert made["files-group"].inputs["egress"] == []
    mount, plain = made["files-policy"].document("policy")["Statement"]
    assert "elasticfilesystem:ClientRootAccess" not in mount["Action"]
    assert mount["Condition"] == {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
    assert (plain["Effect"], plain["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})
    assert made["files-shared"].inputs["posixUser"] == {"uid": 1000, "gid": 1000}
    assert rig.known(built.access_point)


def test_lustre_lies_in_the_first_zone_and_backs_itself_up() -> None:
    built, made = files("lustre", capacity_gib=4800, throughput_mibps=500)
    store = made["files-files"].inputs
    assert (store["subnetIds"], store["storageCapacity"], store["perUnitStorageThroughput"]) == ("subnet-a", 4800, 500)
    assert (store["deploymentType"], store["skipFinalBackup"]) == ("PERSISTENT_2", False)
    assert store["automaticBackupRetentionDays"] > 0
    assert built.access_point is None


def test_throughput_is_bought_only_when_asked() -> None:
    assert files("efs")[1]["files-files"].inputs["throughputMode"] == "elastic"
    bought = files("efs", throughput_mibps=256)[1]["files-files"].inputs
    assert (bought["throughputMode"], bought["provisionedThroughputInMibps"]) == ("provisioned", 256)


def test_files_of_a_development_stack_go_with_it() -> None:
    store = files("efs", prod=False)[1]["files-files"]
    assert (store.protect, store.retain) == (False, False)
