"""Machines that AWS must have: offered in the pools' zones, with EFA, reserved, at a price."""

import json
from collections.abc import Iterator
from typing import Any

from infra.catalog.aws.instance import Instance
from infra.catalog.aws.region import Region
from infra.cli.preflight.aws_cli import Answer
from infra.cli.preflight.question import Question, Verdict
from infra.settings import AwsStack
from infra.settings.pool import Pool

USABLE = ("active", "scheduled", "payment-pending", "delayed")
"""States of a reservation whose machines are there, or will be."""


def questions(settings: AwsStack, region: Region, letters: list[str]) -> Iterator[Question]:
    """Each pool's, then the prices that the catalogue only estimates."""
    for name, pool in settings.pools.items():
        zones = [settings.region + letter for letter in pool.zones or letters]
        yield _offered(name, pool, zones)
        machine = region.sold[pool.instance_types[0]]
        if pool.efa:
            yield _efa(name, machine, region)
        if pool.reservation:
            yield _reserved(name, pool, machine, zones[0], region)
    for one in sorted({pool.instance_types[0] for pool in settings.pools.values()}):
        price = region.price(one)
        if price == "unknown" or not price.listed:
            yield _price(one, settings.region)


def _offered(name: str, pool: Pool, zones: list[str]) -> Question:
    def judge(answer: Answer) -> Verdict:
        there = {(one["InstanceType"], one["Location"]) for one in answer["InstanceTypeOfferings"]}
        lacking = [zone for zone in zones if not any((one, zone) in there for one in pool.instance_types)]
        offered = [f"{one} in {zone}" for one, zone in sorted(there) if zone in zones]
        letters = ", ".join(zone[-1] for zone in zones if zone not in lacking)
        fix = f"Write falaj:pools.{name}.zones: [{letters}]" if letters else "Write an instance type that is offered"
        return ", ".join(offered) or "nowhere", not lacking, fix

    types = ",".join(pool.instance_types)
    filters = ("--filters", f"Name=instance-type,Values={types}")
    ask = ("ec2", "describe-instance-type-offerings", "--location-type", "availability-zone", *filters)
    wanted = f"one of {', '.join(pool.instance_types)} in each of {', '.join(zones)}"
    return Question(f"pool {name}", wanted, ask, judge, "Write an instance type that is offered")


def _efa(name: str, machine: Instance, region: Region) -> Question:
    def judge(answer: Answer) -> Verdict:
        has = int(answer["InstanceTypes"][0]["NetworkInfo"].get("EfaInfo", {}).get("MaximumEfaInterfaces", 0))
        return f"{has} EFA interfaces", has >= machine.efa, f"Write falaj:pools.{name}.efa: false"

    ask = ("ec2", "describe-instance-types", "--instance-types", machine.type)
    unknown = f"falaj:pools.{name}.efa" if region.features.efa == "unknown" else ""
    fix = f"Write falaj:pools.{name}.efa: false"
    return Question(f"pool {name}: EFA", f"{machine.efa} EFA interfaces", ask, judge, fix, unknown)


def _reserved(name: str, pool: Pool, machine: Instance, zone: str, region: Region) -> Question:
    block = pool.capacity == "block"
    kind = "a Capacity Block" if block else "a reservation"

    def judge(answer: Answer) -> Verdict:
        one: dict[str, Any] = answer["CapacityReservations"][0]
        is_block = one.get("ReservationType") == "capacity-block"
        number = int(one["TotalInstanceCount"])
        found = f"{number} {one['InstanceType']} in {one['AvailabilityZone']}, {one['State']}"
        found += f", until {one['EndDate']}" if one.get("EndDate") else ""
        right = (one["InstanceType"], one["AvailabilityZone"], is_block) == (machine.type, zone, block)
        ok = right and one["State"] in USABLE and number >= pool.max
        return found + (", a Capacity Block" if is_block else ""), ok, f"Correct falaj:pools.{name} or the reservation"

    ask = ("ec2", "describe-capacity-reservations", "--capacity-reservation-ids", str(pool.reservation))
    unknown = f"falaj:pools.{name}.capacity" if block and region.features.capacity_blocks == "unknown" else ""
    wanted = f"{kind} of {pool.max} {machine.type} in {zone}"
    fix = f"Write the id that AWS gave in falaj:pools.{name}.reservation"
    return Question(f"pool {name}: {pool.reservation}", wanted, ask, judge, fix, unknown)


def _price(one: str, region: str) -> Question:
    def judge(answer: Answer) -> Verdict:
        terms: dict[str, Any] = json.loads(answer["PriceList"][0])["terms"]["OnDemand"]
        dimensions: dict[str, Any] = next(iter(terms.values()))["priceDimensions"]
        usd = float(next(iter(dimensions.values()))["pricePerUnit"]["USD"])
        return f"{usd:g} USD an hour", True, ""

    wanted = {
        "instanceType": one,
        "regionCode": region,
        "operatingSystem": "Linux",
        "preInstalledSw": "NA",
        "tenancy": "Shared",
        "capacitystatus": "Used",
    }
    filters = [f"Type=TERM_MATCH,Field={field},Value={value}" for field, value in wanted.items()]
    # Prices are told in a few regions only, for all of them.
    ask = ("pricing", "get-products", "--service-code", "AmazonEC2", "--region", "eu-central-1", "--filters", *filters)
    return Question(f"price of {one}", "a list price", ask, judge, "Ask AWS for an offer", "the catalogue estimates it")
