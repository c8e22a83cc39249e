"""The catalogue of AWS keeps in step with the regional data that cfn-lint bundles."""

import importlib.resources
import json
import re
from datetime import date
from typing import Any

import pytest

from infra.catalog.aws.instance import instances
from infra.catalog.aws.region import regions
from infra.catalog.aws.support import kubernetes

SCHEMAS = importlib.resources.files("cfnlint.data.schemas")
ACCELERATED = re.compile(r"(gr?|p|inf|trn|dl|vt|f)\d")
RESOURCES = {
    "backup": "Backup::BackupVault",
    "cloudtrail": "CloudTrail::Trail",
    "ecr": "ECR::Repository",
    "efs": "EFS::FileSystem",
    "eks": "EKS::Cluster",
    "eks-pod-identity": "EKS::PodIdentityAssociation",
    "elasticache": "ElastiCache::ReplicationGroup",
    "fsx": "FSx::FileSystem",
    "guardduty": "GuardDuty::Detector",
    "kms": "KMS::Key",
    "network-firewall": "NetworkFirewall::Firewall",
    "prometheus": "APS::Workspace",
    "rds": "RDS::DBInstance",
    "s3": "S3::Bucket",
    "secretsmanager": "SecretsManager::Secret",
    "sqs": "SQS::Queue",
}


def schema(*path: str) -> Any:
    return json.loads(SCHEMAS.joinpath(*path).read_text())


@pytest.fixture(scope="module")
def types() -> dict[str, set[str]]:
    """The instance types that each region sells."""
    found = schema("extensions", "aws_ec2_instance", "instancetype_enum.json")
    return {name: set(of["enum"]) for name, of in found.items() if name in regions()}


def test_every_type_of_the_catalogue_is_sold(types: dict[str, set[str]]) -> None:
    for name, region in regions().items():
        assert set(region.sold) - types[name] == set()


def test_every_family_that_is_sold_is_known_or_named(types: dict[str, set[str]]) -> None:
    """So that the catalogue never calls a type unsold that is."""
    for name, region in regions().items():
        of = region.instances
        assert {one.split(".")[0] for one in types[name]} == {*of.families, *of.others, *of.left_out}


def test_every_accelerator_that_is_sold_is_in_the_catalogue_or_left_out_for_a_reason(
    types: dict[str, set[str]],
) -> None:
    for name, region in regions().items():
        accelerated = {one for one in types[name] if ACCELERATED.match(one) and ".metal" not in one}
        lacking = {one.split(".")[0] for one in accelerated - set(region.sold)}
        assert lacking == set(region.instances.left_out)
        assert all(region.instances.left_out.values())


def test_no_accelerator_but_those_is_sold_in_the_emirates() -> None:
    sold = {one.family for one in regions()["me-central-1"].sold.values() if one.gpus}
    assert sold == {"g5", "g6", "g6e", "p5en"}


def test_classes_of_databases_and_caches_are_sold() -> None:
    databases = schema("extensions", "aws_rds_dbinstance", "dbinstanceclass_enum.json")
    caches = schema("extensions", "aws_elasticache_cachecluster", "cachenodetype_enum.json")
    for name, region in regions().items():
        postgres = {
            one
            for rule in databases[name]["allOf"]
            if rule["if"]["properties"].get("Engine") == {"const": "postgres"}
            for one in rule["then"]["properties"]["DBInstanceClass"]["enum"]
        }
        assert {
            f"db.{family}.{size}" for family, sizes in region.databases.classes.items() for size in sizes
        } <= postgres
        ours = {f"cache.{family}.{size}" for family, sizes in region.caches.classes.items() for size in sizes}
        assert ours <= set(caches[name]["enum"])


def test_services_are_present() -> None:
    for name, region in regions().items():
        there = schema("providers", f"{name}.json")
        assert [one for one in region.services.present if f"AWS::{RESOURCES[one]}" not in there] == []


def test_an_accelerator_says_all_that_a_pool_needs_to_know() -> None:
    for one in instances().values():
        assert (one.gpu is None) == (one.gpus == 0)
        assert one.quota == {"g": "g", "p": "p"}.get(one.family[0], "standard")
    h200 = instances()["p5en.48xlarge"]
    assert (h200.gpus, h200.efa, h200.quota) == (8, 16, "p")
    assert h200.gpu is not None
    assert h200.gpu.mig[0] == "1g.18gb"
    assert h200.watts == pytest.approx(8 * 700 + 192 * 3.5 + 2048 * 0.392, abs=0.1)


def test_a_region_says_what_its_power_takes_and_where_that_was_read() -> None:
    for region in regions().values():
        assert 1 < region.energy.pue < 2
        assert 0 < region.energy.grid < 1000
        assert region.energy.source.unverified


def test_prices_say_whether_they_are_listed_or_estimated() -> None:
    here = regions()["me-central-1"]
    listed, estimated = here.price("m7i.xlarge"), here.price("p5en.48xlarge")
    assert listed != "unknown"
    assert (listed.usd, listed.listed) == (pytest.approx(0.24718, rel=1e-3), True)
    assert estimated != "unknown"
    assert not estimated.listed
    assert estimated.usd > 63.296


@pytest.mark.parametrize(
    ("region", "wanted", "near"),
    [
        ("me-central-1", "p5.48xlarge", "p5en.48xlarge"),
        ("me-central-1", "g4dn.xlarge", "g6.xlarge"),
        ("me-central-1", "m5.large", "m7i.large"),
        ("me-central-1", "m6gd.large", "m8g.large"),
        ("me-central-1", "trn1.32xlarge", "t3.2xlarge"),
        ("eu-central-1", "p5.48xlarge", "p4d.24xlarge"),
        ("eu-central-1", "inf2.xlarge", ""),
    ],
)
def test_the_nearest_type_is_of_the_same_kind(region: str, wanted: str, near: str) -> None:
    assert regions()[region].near(wanted) == near


def test_support_ends_after_it_began() -> None:
    for support in kubernetes().values():
        if isinstance(support.standard, date) and isinstance(support.extended, date):
            assert support.standard < support.extended
