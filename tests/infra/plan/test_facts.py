"""What the catalogue knows of regions, asked while planning."""

from typing import Any

import pytest

from infra.plan.facts import unsold

POOL, DATABASE = "aws:eks/nodeGroup:NodeGroup", "aws:rds/instance:Instance"
UAE = ["me-central-1"]


@pytest.mark.parametrize(
    ("token", "inputs", "regions", "said"),
    [
        (POOL, {"instanceTypes": ["g5.xlarge", "p5.48xlarge"]}, UAE, ["instanceTypes[1]: p5en.48xlarge is"]),
        (POOL, {"instanceTypes": ["m7i.large", "c5.large"]}, UAE, []),
        (POOL, {"instanceTypes": {"$unknown": True}}, UAE, []),
        (POOL, {"instanceTypes": ["p3.2xlarge"]}, [*UAE, "eu-central-1"], []),
        (POOL, {"instanceTypes": ["p3.2xlarge"], "region": "me-central-1"}, ["eu-central-1"], ["instanceTypes[0]:"]),
        (POOL, {"instanceTypes": ["p5.48xlarge"]}, ["us-east-1"], []),
        (POOL, {"instanceTypes": ["p5.48xlarge"]}, [], []),
        (DATABASE, {"instanceClass": "db.m8g.large"}, UAE, ["instanceClass: does not sell"]),
        (DATABASE, {"instanceClass": "db.m7g.large"}, UAE, []),
        ("aws:s3/bucket:Bucket", {"bucket": "lake"}, UAE, []),
    ],
)
def test_what_is_not_sold_is_named_with_what_is(
    token: str, inputs: dict[str, Any], regions: list[str], said: list[str]
) -> None:
    found = [f"{one.place}: {one.reason}" for one in unsold(token, inputs, regions)]
    assert len(found) == len(said)
    for text, wanted in zip(found, said, strict=True):
        place, _, part = wanted.partition(":")
        assert text.startswith(f"{place}: ")
        assert part.strip() in text
