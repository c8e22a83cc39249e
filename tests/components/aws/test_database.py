from dataclasses import replace
from typing import Any

import pytest

from components.aws.database import Database, DatabaseArgs, major
from components.contracts import Network
from tests.components.aws import rig

NETWORK = Network(
    id="vpc-1",
    cidr="10.20.0.0/16",
    private={"me-central-1a": "private-a"},
    intra={"me-central-1b": "intra-b", "me-central-1a": "intra-a"},
    public={"me-central-1a": "public-a"},
)


def database(*, prod: bool = True, **settings: Any) -> tuple[Database, dict[str, rig.Made]]:
    given: dict[str, Any] = {
        "network": NETWORK,
        "clients": "sg-machines",
        "key": rig.key("database"),
        "log_key": rig.key("logs"),
        "secret_key": rig.key("secrets"),
        "instance_class": "db.m7g.large",
        "version": "17",
        "storage_gib": 50,
        "max_storage_gib": 500,
    }
    built: list[Database] = []
    args = DatabaseArgs(context=rig.context(prod=prod), **{**given, **settings})
    made = rig.deployed(lambda: built.append(Database("database", args)))
    return built[0], made


def test_what_it_keeps_is_sealed_with_its_own_keys() -> None:
    instance = database()[1]["database-instance"].inputs
    assert (instance["storageEncrypted"], instance["kmsKeyId"]) == (True, rig.key("database").arn)
    assert instance["performanceInsightsKmsKeyId"] == rig.key("database").arn
    assert instance["masterUserSecretKmsKeyId"] == rig.key("secrets").arn
    assert instance["copyTagsToSnapshot"] is True


def test_nobody_here_knows_its_password() -> None:
    built, made = database()
    instance = made["database-instance"]
    assert instance.inputs["manageMasterUserPassword"] is True
    assert not {"password", "passwordWo"} & instance.inputs.keys()
    assert rig.known(built.endpoint.secret).startswith("arn:aws:secretsmanager:me-central-1:")
    assert built.endpoint.port == 5432


def test_machines_reach_it_by_tls_and_nobody_else_does() -> None:
    made = database()[1]
    assert made["database-instance"].inputs["publiclyAccessible"] is False
    assert made["database-subnets"].inputs["subnetIds"] == ["intra-a", "intra-b"]
    (way_in,) = rig.of_type(made, "SecurityGroupIngressRule")
    assert way_in.inputs["referencedSecurityGroupId"] == "sg-machines"
    assert (way_in.inputs["fromPort"], way_in.inputs["toPort"], way_in.inputs["ipProtocol"]) == (5432, 5432, "tcp")
    assert not {"cidrIpv4", "cidrIpv6"} & way_in.inputs.keys()
    assert not rig.of_type(made, "SecurityGroupEgressRule")
    settings = {one["name"]: one["value"] for one in made["database-parameters"].inputs["parameters"]}
    assert settings["rds.force_ssl"] == "1"
    assert settings["password_encryption"] == "scram-sha-256"


def test_its_logs_are_sealed_before_it_writes_any() -> None:
    made = database(log_days=400)[1]
    logs = {"database-postgresql-log", "database-upgrade-log"}
    assert {made[log].inputs["name"] for log in logs} == {
        "/aws/rds/instance/uae-aws-database/postgresql",
        "/aws/rds/instance/uae-aws-database/upgrade",
    }
    assert all(
        (made[log].inputs["kmsKeyId"], made[log].inputs["retentionInDays"]) == (rig.key("logs").arn, 400)
        for log in logs
    )
    assert logs <= made["database-instance"].depends_on


@pytest.mark.parametrize("prod", [True, False])
def test_a_production_database_outlives_its_stack(prod: bool) -> None:
    made = database(prod=prod)[1]
    instance = made["database-instance"]
    assert (instance.protect, instance.retain, instance.inputs["deletionProtection"]) == (prod, prod, prod)
    assert instance.inputs["skipFinalSnapshot"] is not prod
    # It cannot do without these; but they may be replaced, for a new version's settings.
    needed = [made[f"database-{one}"] for one in ("subnets", "parameters", "firewall")]
    assert {(one.protect, one.retain) for one in needed} == {(False, prod)}


def test_it_is_backed_up_and_says_when_that_was_tried() -> None:
    tags = database(restore_tested="2026-11-01")[1]["database-instance"].inputs["tags"]
    assert (tags["backup"], tags["restore-tested"]) == ("uae-aws", "2026-11-01")


def test_storage_that_does_not_grow_has_no_limit_to_grow_to() -> None:
    assert database()[1]["database-instance"].inputs["maxAllocatedStorage"] == 500
    assert "maxAllocatedStorage" not in database(max_storage_gib=50)[1]["database-instance"].inputs


def test_settings_are_those_of_the_version() -> None:
    assert database(version="16.9")[1]["database-parameters"].inputs["family"] == "postgres16"
    with pytest.raises(ValueError, match=r"'latest' is no version of PostgreSQL: write 17 or 17\.6"):
        major("latest")


def test_a_network_of_one_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="RDS wants subnets in 2 zones, the network has 1"):
        database(network=replace(NETWORK, intra={"me-central-1a": "intra-a"}))
