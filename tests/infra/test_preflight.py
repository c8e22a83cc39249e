"""`falaj doctor --stack` asks AWS through the `aws` command; here through one that gives answers as AWS does."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra.cli.check import Check
from infra.cli.doctor import diagnose
from infra.cli.preflight.aws import preflight
from infra.settings import AwsStack, load, stack_file

FAKE = f"""#!{sys.executable}
import json, pathlib, sys
here = pathlib.Path(__file__).parent
arguments = sys.argv[1:]
assert arguments[-2:] == ["--output", "json"] and "--region" in arguments
with (here / "asked").open("a") as log:
    log.write(json.dumps(arguments) + "\\n")
answers = json.loads((here / "answers.json").read_text())
found = next((answer for key, answer in answers.items() if key in " ".join(arguments)), None)
if isinstance(found, dict):
    print(json.dumps(found))
    sys.exit(0)
sys.stderr.write((found or "An error occurred (AccessDenied) when calling the operation: not authorized") + "\\n")
sys.exit(254)
"""
Answers = dict[str, Any]
Put = Callable[[Answers], Path]


def offerings(types: list[str], zones: str) -> dict[str, Any]:
    found = [
        {"InstanceType": one, "LocationType": "availability-zone", "Location": f"me-central-1{zone}"}
        for one in types
        for zone in zones
    ]
    return {"InstanceTypeOfferings": found}


def price(usd: str) -> dict[str, Any]:
    dimension = {"unit": "Hrs", "pricePerUnit": {"USD": usd}}
    return {"PriceList": [json.dumps({"terms": {"OnDemand": {"X.Y": {"priceDimensions": {"X.Y.Z": dimension}}}}})]}


def good() -> Answers:
    versions = {
        "vpc-cni": "v1.23.1-eksbuild.1",
        "coredns": "v1.14.3-eksbuild.22",
        "kube-proxy": "v1.35.3-eksbuild.29",
        "eks-pod-identity-agent": "v1.3.8-eksbuild.2",
        "aws-ebs-csi-driver": "v1.66.0-eksbuild.1",
        "aws-efs-csi-driver": "v3.4.2-eksbuild.1",
    }
    reservation = {
        "CapacityReservationId": "cr-0123456789abcdef0",
        "InstanceType": "p5en.48xlarge",
        "AvailabilityZone": "me-central-1a",
        "TotalInstanceCount": 2,
        "AvailableInstanceCount": 2,
        "State": "active",
        "ReservationType": "default",
    }
    standard = {"clusterVersion": "1.35", "status": "standard-support", "versionStatus": "STANDARD_SUPPORT"}
    return {
        "sts get-caller-identity": {
            "UserId": "A",
            "Account": "111122223333",
            "Arn": "arn:aws:iam::111122223333:user/x",
        },
        "describe-availability-zones": {
            "AvailabilityZones": [
                {"ZoneName": f"me-central-1{zone}", "ZoneId": f"mec1-az{n}", "State": "available"}
                for n, zone in enumerate("abc", 1)
            ]
        },
        "--quota-code L-1216C47A": {"Quota": {"QuotaCode": "L-1216C47A", "Value": 256.0}},
        "--quota-code L-DB2E81BA": {"Quota": {"QuotaCode": "L-DB2E81BA", "Value": 192.0}},
        "--quota-code L-417A185B": {"Quota": {"QuotaCode": "L-417A185B", "Value": 384.0}},
        "describe-cluster-versions": {
            "clusterVersions": [{**standard, "endOfStandardSupportDate": "2027-03-27T00:00:00+00:00"}]
        },
        "describe-addon-versions": {
            "addons": [
                {"addonName": name, "addonVersions": [{"addonVersion": version}]} for name, version in versions.items()
            ]
        },
        "ssm get-parameter": {"Parameter": {"Name": "x", "Type": "String", "Value": "ami-0123456789abcdef0"}},
        "instance-type,Values=p5en": offerings(["p5en.48xlarge"], "a"),
        "instance-type,Values=g6e": offerings(["g6e.12xlarge"], "abc"),
        "instance-type,Values=m7i.4xlarge": offerings(["m7i.4xlarge", "m6i.4xlarge"], "abc"),
        "instance-type,Values=m7i.xlarge": offerings(["m7i.xlarge"], "abc"),
        "describe-instance-types": {
            "InstanceTypes": [
                {
                    "InstanceType": "p5en.48xlarge",
                    "NetworkInfo": {"EfaSupported": True, "EfaInfo": {"MaximumEfaInterfaces": 16}},
                }
            ]
        },
        "describe-capacity-reservations": {"CapacityReservations": [reservation]},
        "Value=p5en.48xlarge": price("79.1200000000"),
        "Value=g6e.12xlarge": price("12.8661000000"),
    }


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Put an `aws` on PATH that gives these answers."""
    file = tmp_path / "aws"
    file.write_text(FAKE)
    file.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    def answering(answers: Answers) -> Path:
        (tmp_path / "answers.json").write_text(json.dumps(answers))
        return tmp_path / "asked"

    return answering


def settings(stack: str = "uae-aws") -> AwsStack:
    found = load(stack_file(stack))
    assert isinstance(found, AwsStack)
    return found


def asked(of: AwsStack | None = None) -> dict[str, Check]:
    return {check.name: check for check in preflight(of or settings(), "stacks/Pulumi.x.yaml")}


def test_all_is_well_when_the_cloud_says_so(put: Put) -> None:
    log = put(good())
    checks = asked()
    assert [check for check in checks.values() if not check.ok] == []
    assert checks["quota g"].found == "192 vCPUs, pools may take 192"
    assert checks["pool h200: EFA"].found == "16 EFA interfaces"
    assert checks["price of p5en.48xlarge"].found == "79.12 USD an hour"
    assert checks["kubernetes"].found == "standard support, standard until 2027-03-27"
    asking = [json.loads(line) for line in log.read_text().splitlines()]
    assert all(verb.startswith(("get-", "describe-")) for _, verb, *_ in asking)
    pricing = {one[0] for one in asking if "me-central-1" not in one[one.index("--region") + 1]}
    assert pricing == {"pricing"}


BAD: list[tuple[str, Any, str, list[str]]] = [
    ("--quota-code L-DB2E81BA", {"Quota": {"Value": 0.0}}, "quota g", ["0 vCPUs", "L-DB2E81BA", "--desired-value 192"]),
    ("instance-type,Values=g6e", offerings(["g6e.12xlarge"], "ab"), "pool l40s", ["in me-central-1b", "zones: [a, b]"]),
    ("instance-type,Values=g6e", offerings([], ""), "pool l40s", ["nowhere", "instance type"]),
    (
        "describe-cluster-versions",
        {"clusterVersions": [{"clusterVersion": "1.36", "status": "standard-support"}]},
        "kubernetes",
        ["not offered", "1.36"],
    ),
    (
        "describe-addon-versions",
        {"addons": [{"addonName": "vpc-cni", "addonVersions": [{"addonVersion": "v1.24.0-eksbuild.1"}]}]},
        "add-ons",
        ["vpc-cni v1.23.1-eksbuild.1", "vpc-cni: v1.24.0-eksbuild.1"],
    ),
    (
        "ssm get-parameter",
        "An error occurred (ParameterNotFound) when calling the GetParameter operation: ",
        "image 1.35.7-20260911",
        ["not there", "nvidia/recommended/release_version"],
    ),
    (
        "describe-capacity-reservations",
        "An error occurred (InvalidCapacityReservationId.NotFound) when calling the operation: no such id",
        "pool h200: cr-0123456789abcdef0",
        ["no such id", "falaj:pools.h200.reservation"],
    ),
    (
        "describe-capacity-reservations",
        {
            "CapacityReservations": [
                {
                    "InstanceType": "p5en.48xlarge",
                    "AvailabilityZone": "me-central-1b",
                    "TotalInstanceCount": 2,
                    "State": "expired",
                }
            ]
        },
        "pool h200: cr-0123456789abcdef0",
        ["me-central-1b, expired", "Correct falaj:pools.h200"],
    ),
    ("describe-instance-types", {"InstanceTypes": [{"NetworkInfo": {}}]}, "pool h200: EFA", ["0 EFA", "efa: false"]),
    ("describe-availability-zones", {"AvailabilityZones": []}, "zones", ["me-central-1a not there", "zones"]),
    ("describe-availability-zones", {"Zones": []}, "zones", ["unknown shape", "Update the `aws`"]),
]


@pytest.mark.parametrize(("key", "answer", "name", "words"), BAD)
def test_what_the_cloud_says_against_a_stack_has_a_fix(
    put: Put, key: str, answer: Any, name: str, words: list[str]
) -> None:
    put({**good(), key: answer})
    check = asked()[name]
    assert not check.ok
    for word in words:
        assert word in f"{check.found} → {check.fix}"


def test_credentials_of_another_account_are_told_and_nothing_else_is_asked(put: Put) -> None:
    log = put({**good(), "sts get-caller-identity": {"Account": "999999999999"}})
    checks = asked()
    assert not checks["account"].ok
    assert "999999999999" in checks["account"].found
    assert len(log.read_text().splitlines()) == 1
    assert checks["zones"].found.startswith("not asked; ask with `aws ec2 describe-availability-zones")
    assert not checks["zones"].asked


def test_a_question_that_is_forbidden_is_told_and_the_others_are_asked(put: Put) -> None:
    answers = good()
    del answers["--quota-code L-DB2E81BA"]
    put(answers)
    checks = asked()
    assert "not asked: An error occurred (AccessDenied)" in checks["quota g"].found
    assert checks["quota p"].found.startswith("384")


def test_without_the_command_every_question_says_how_to_ask_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    checks = asked()
    assert all(check.ok and not check.asked for check in checks.values())
    assert "the `aws` command is not on PATH" in checks["account"].found
    assert "ask with `aws ec2 describe-availability-zones --region me-central-1 --output json`" in checks["zones"].found


def test_what_the_catalogue_does_not_know_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    plain = settings()
    files = plain.files.model_copy(update={"kind": "lustre"})
    unknown = {
        name
        for name, check in asked(plain.model_copy(update={"files": files})).items()
        if check.found.startswith("unknown, to be asked")
    }
    assert unknown == {"lustre", "pool h200: EFA", "price of g6e.12xlarge", "price of p5en.48xlarge"}


def test_the_doctor_asks_about_the_stack_it_is_given(put: Put) -> None:
    put(good())
    names = [check.name for check in diagnose(stack="uae-aws")]
    assert {"account", "pool h200", "state of uae-aws"} <= set(names)
    assert not [name for name in names if name.startswith("port ")]
