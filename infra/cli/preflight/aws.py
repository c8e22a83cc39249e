"""What AWS itself must say about a stack before it is stood up."""

from collections.abc import Iterator

from infra.catalog.aws.region import Region, regions
from infra.checks.aws import zones
from infra.checks.pools import claims
from infra.cli.check import Check
from infra.cli.preflight import machines, versions
from infra.cli.preflight.aws_cli import Answer, AwsCli, MissingError, UnaskedError
from infra.cli.preflight.question import Question, Verdict
from infra.settings import AwsStack

QUOTAS = {
    "standard": "L-1216C47A",
    "g": "L-DB2E81BA",
    "p": "L-417A185B",
    "standard_spot": "L-34B43A08",
    "g_spot": "L-3819A6DF",
    "p_spot": "L-7212CCBC",
}
P5_SPOT = "L-C4BD4855"
"""The codes that Service Quotas knows EC2's quotas by (not read again); P5 has one of its own on spot."""


def preflight(settings: AwsStack, place: str) -> list[Check]:
    """Every check, the account first: without it nobody can ask the others."""
    region, cloud = regions()[settings.region], AwsCli(settings.region)
    account = _account(settings, cloud)
    unasked = not (account.ok and account.asked)
    letters = zones(settings, region, place)
    return [account, *(question.put(cloud, unasked=unasked) for question in questions(settings, region, letters))]


def questions(settings: AwsStack, region: Region, letters: list[str]) -> Iterator[Question]:
    """Zones, quotas, versions, machines, reservations, and whatever the catalogue does not know."""
    yield _zones(settings, letters)
    yield from _quotas(settings, region)
    yield from versions.questions(settings, region)
    yield from machines.questions(settings, region, letters)
    if settings.files.kind == "lustre" and region.features.lustre == "unknown":
        yield _lustre(settings)


def _account(settings: AwsStack, cloud: AwsCli) -> Check:
    """Whose credentials these are."""
    name, wanted = "account", settings.account
    try:
        found = str(cloud.ask("sts", "get-caller-identity")["Account"])
    except (UnaskedError, MissingError, KeyError) as error:
        return Check(name, wanted, f"not asked: {error}; sign in, then run this again", True, asked=False)
    fix = "Sign in to the stack's account, or correct falaj:account"
    return Check(name, wanted, found, found == wanted, "" if found == wanted else fix)


def _zones(settings: AwsStack, letters: list[str]) -> Question:
    wanted = [settings.region + letter for letter in letters]

    def judge(answer: Answer) -> Verdict:
        there = {zone["ZoneName"]: zone["State"] for zone in answer["AvailabilityZones"]}
        lacking = [zone for zone in wanted if there.get(zone) != "available"]
        found = ", ".join(f"{zone} {there.get(zone, 'not there')}" for zone in wanted)
        return found, not lacking, f"Leave {', '.join(lacking)} out of falaj:network.zones"

    ask = ("ec2", "describe-availability-zones")
    return Question("zones", ", ".join(wanted), ask, judge, "Enable the region for the account")


def _quotas(settings: AwsStack, region: Region) -> Iterator[Question]:
    stated = settings.quotas.model_dump()
    asked = claims(settings, region)
    five = any(one.startswith("p5") for pool in settings.pools.values() for one in pool.instance_types)
    for quota in QUOTAS:
        need = sum(claim.machines * claim.vcpus for claim in asked if claim.quota == quota)
        if need:
            code = P5_SPOT if quota == "p_spot" and five else QUOTAS[quota]
            yield _quota(quota, code, need, stated[quota])


def _quota(quota: str, code: str, need: int, stated: int) -> Question:
    def judge(answer: Answer) -> Verdict:
        has = int(answer["Quota"]["Value"])
        raised = f"request-service-quota-increase --service-code ec2 --quota-code {code} --desired-value {stated}"
        fix = f"Have it raised: `aws service-quotas {raised}`"
        return f"{has} vCPUs, pools may take {need}", has >= max(need, stated), fix

    ask = ("service-quotas", "get-service-quota", "--service-code", "ec2", "--quota-code", code)
    return Question(f"quota {quota}", f">= {stated} vCPUs", ask, judge, "Ask AWS about the quota")


def _lustre(settings: AwsStack) -> Question:
    def judge(answer: Answer) -> Verdict:
        sold = bool(answer["PriceList"])
        return ("sold" if sold else "no price list has it"), sold, "Write falaj:files.kind: efs"

    filters = [f"Type=TERM_MATCH,Field=regionCode,Value={settings.region}"]
    filters += ["Type=TERM_MATCH,Field=fileSystemType,Value=Lustre"]
    # Prices are told in a few regions only, for all of them.
    ask = ("pricing", "get-products", "--service-code", "AmazonFSx", "--region", "eu-central-1", "--filters", *filters)
    return Question("lustre", "sold in the region", ask, judge, "Write falaj:files.kind: efs", "falaj:files.kind")
