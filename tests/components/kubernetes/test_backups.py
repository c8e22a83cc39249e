"""Backups hold what nobody else can bring back and no Secret, and Velero has the rights for that and no more."""

from functools import cache
from typing import Any

import pytest

from components.kubernetes.backups import ACCOUNT, KEPT, NAMESPACE, RESTORE, Backups, BackupsArgs
from components.kubernetes.bill import types
from components.kubernetes.monitoring.scrape import JOBS
from components.kubernetes.platform import BACKED_UP
from tests.components.aws.rig import key
from tests.components.kubernetes import rig

BUCKET = "uae-aws-backups-111122223333-me-central-1"
SCHEDULES = {"platform": ["monitoring", "mlflow"], "ray": ["ray"]}


@cache
def made(hour: int = 22) -> dict[str, rig.Made]:
    args = BackupsArgs(
        context=rig.context(),
        region="me-central-1",
        bucket=BUCKET,
        key=key("volumes"),
        schedules=SCHEDULES,
        hour=hour,
        keep_days=30,
    )
    return rig.deployed(lambda: Backups("backups", args))


def custom(kind: str, hour: int = 22) -> dict[str, dict[str, Any]]:
    found = [one.inputs for one in made(hour).values() if one.type == f"kubernetes:velero.io/v1:{kind}"]
    return {one["metadata"]["name"]: one["spec"] for one in found}


def pod() -> dict[str, Any]:
    return made()["velero-server"].inputs["spec"]["template"]


def rules(name: str) -> list[dict[str, Any]]:
    return made()[name].inputs["rules"]


def may(name: str, verb: str) -> set[tuple[str, str]]:
    """(group, kind) of what a role may do."""
    return {
        (group, kind)
        for rule in rules(name)
        if verb in rule["verbs"]
        for group in rule["apiGroups"]
        for kind in rule["resources"]
    }


def test_the_gate_finds_nothing_and_the_types_take_its_objects() -> None:
    assert rig.findings(made(), "IMG-003") == {}
    assert rig.refused(made()) == {}


def test_every_type_that_the_server_looks_for_is_there_before_it() -> None:
    kinds = {one["spec"]["names"]["kind"] for one in types("velero")}
    assert {"DataUpload", "DataDownload", "BackupStorageLocation", "ServerStatusRequest"} < kinds
    crds = {one.name for one in rig.of_type(made(), "CustomResourceDefinition")}
    assert len(crds) == len(kinds) == 13
    before = made()["velero-server"].depends_on
    assert before >= crds | {"backups-own-binding", "velero-binding", "backups-backupstoragelocation-default"}


def test_backups_and_snapshots_are_in_the_region_and_restored_disks_are_sealed_with_its_key() -> None:
    (store,), (snapshots,) = custom("BackupStorageLocation").values(), custom("VolumeSnapshotLocation").values()
    assert store["objectStorage"] == {"bucket": BUCKET}
    assert store["default"]
    assert store["config"] == {"region": "me-central-1"}
    assert snapshots["config"] == {"region": "me-central-1", "ebsKmsKeyId": key("volumes").arn}


def test_schedules_are_daily_and_keep_what_is_said() -> None:
    found = custom("Schedule")
    assert {name: one["schedule"] for name, one in found.items()} == {"platform": "0 22 * * *", "ray": "30 22 * * *"}
    for name, one in found.items():
        template = one["template"]
        assert template["includedNamespaces"] == SCHEDULES[name]
        assert (template["ttl"], template["snapshotVolumes"]) == ("720h0m0s", True)
        assert (template["storageLocation"], template["volumeSnapshotLocations"]) == ("default", ["default"])


@pytest.mark.parametrize("hour", [0, 23])
def test_any_hour_of_the_day_is_one_of_crons(hour: int) -> None:
    for one in custom("Schedule", hour).values():
        minute, at, *rest = one["schedule"].split()
        assert (int(at), int(minute) < 60, rest) == (hour, True, ["*"] * 3)


def test_no_backup_holds_a_secret_or_a_right_and_velero_reads_no_secret_but_its_own() -> None:
    kept = {(group, kind) for group, kinds in KEPT.items() for kind in kinds}
    for template in (one["template"] for one in custom("Schedule").values()):
        assert set(template["includedResources"]) == {f"{kind}.{group}".rstrip(".") for group, kind in kept}
    assert may("velero-role", "list") == kept | {("", "pods"), ("rbac.authorization.k8s.io", "clusterrolebindings")}
    assert may("velero-role", "get") == kept | {("", "pods")}
    rights = {"serviceaccounts", "roles", "rolebindings", "clusterroles", "clusterrolebindings"}
    assert not {kind for _, kind in kept} & {"secrets", *rights}
    everywhere = [one.name for one in rig.of_type(made(), "ClusterRole")]
    assert sorted(everywhere) == ["backups-restore", "velero-role"]
    assert not {kind for name in everywhere for _, kind in may(name, "get")} & {"secrets"}
    assert made()["backups-own"].inputs["metadata"]["namespace"] == NAMESPACE


@pytest.mark.parametrize("verb", ["create", "delete", "patch", "update"])
def test_it_changes_nothing_elsewhere_until_a_restore_is_let(verb: str) -> None:
    assert may("velero-role", verb) == set()
    assert may("backups-restore", verb) == {(group, kind) for group, kinds in KEPT.items() for kind in kinds}
    assert made()["backups-restore"].inputs["metadata"]["name"] == RESTORE
    bound = {one.inputs["roleRef"]["name"] for one in rig.of_type(made(), "ClusterRoleBinding")}
    assert bound == {"falaj-velero"}
    assert {group for group, _ in may("backups-own", verb)} <= {"velero.io", ""}


def test_it_is_who_the_clouds_role_is_for_and_has_the_plugin_by_its_digest() -> None:
    spec = pod()["spec"]
    assert (spec["serviceAccountName"], made()["velero-server"].inputs["metadata"]["namespace"]) == (ACCOUNT, NAMESPACE)
    (plugin,), (server,) = spec["initContainers"], spec["containers"]
    assert plugin["image"] == rig.context().image("velero-plugin-for-aws")
    assert server["image"] == rig.context().image("velero")
    mounts = {
        name: {one["name"]: one["mountPath"] for one in of["volumeMounts"]}
        for name, of in (("in", plugin), ("out", server))
    }
    assert (mounts["in"]["plugins"], mounts["out"]["plugins"]) == ("/target", "/plugins")
    assert "command" not in plugin, "the image copies it by itself"


def test_prometheus_finds_it_where_its_job_looks() -> None:
    (job,) = [one for one in JOBS if one.name == "velero"]
    (server,) = pod()["spec"]["containers"]
    assert job.namespace == NAMESPACE
    assert job.labels.items() <= pod()["metadata"]["labels"].items()
    assert job.port in [one["containerPort"] for one in server["ports"]]
    wall = made()["backups-space-metrics"].inputs["spec"]
    assert wall["ingress"][0]["ports"] == [{"port": job.port, "protocol": "TCP"}]


def test_it_reaches_the_api_server_and_the_clouds_endpoints_in_the_network_alone() -> None:
    wall = made()["backups-space-velero"].inputs["spec"]
    ranges = {rule["to"][0]["ipBlock"]["cidr"]: [port["port"] for port in rule["ports"]] for rule in wall["egress"]}
    assert ranges == {"172.20.0.1/32": [443], "10.20.0.0/16": [443, 6443], "169.254.170.23/32": [80]}
    assert wall["policyTypes"] == ["Egress"]


def test_rays_namespace_and_those_with_disks_are_backed_up() -> None:
    assert BACKED_UP["ray"] == ("ray",)
    assert {"monitoring", "mlflow"} < set(BACKED_UP["platform"])
