"""What a stack asks of its region that not every region has."""

from infra.catalog.aws.region import Region
from infra.errors import FalajError
from infra.settings import AwsStack

NAMES = {"lustre": "FSx for Lustre", "capacity_blocks": "Capacity Blocks", "efa": "EFA"}


def asked(settings: AwsStack) -> dict[str, str]:
    """{feature: the key that asks for it}."""
    found: dict[str, str] = {}
    if settings.files.kind == "lustre":
        found["lustre"] = "falaj:files.kind"
    for name, pool in settings.pools.items():
        if pool.capacity == "block":
            found.setdefault("capacity_blocks", f"falaj:pools.{name}.capacity")
        if pool.efa:
            found.setdefault("efa", f"falaj:pools.{name}.efa")
    return found


def require_features(settings: AwsStack, region: Region, place: str) -> None:
    """CFG-023 for what is known not to be had; what is unknown passes, and `falaj doctor --stack` asks."""
    for feature, key in asked(settings).items():
        if getattr(region.features, feature) is False:
            raise FalajError("CFG-023", place, f"`{key}` asks for {NAMES[feature]}, which {settings.region} has not")
