"""What the catalogue knows of a region's machines, for what watches its cluster."""

from components.kubernetes.monitoring.rule_files import Machine, Region
from infra.catalog.aws.instance import Instance, instances
from infra.catalog.aws.region import regions
from infra.settings import AwsStack


def watched(settings: AwsStack) -> Region:
    """The machines of its pools, and the energy of its region."""
    energy = regions()[settings.region].energy
    types = sorted({name for pool in settings.pools.values() for name in pool.instance_types})
    machines = {name: _machine(instances()[name], settings.region) for name in types}
    return Region(machines=machines, pue=energy.pue, grid=energy.grid)


def _machine(one: Instance, region: str) -> Machine:
    price = regions()[region].price(one.type)
    return Machine(
        watts=one.watts,
        gpu_watts=one.gpus * one.gpu.watts if one.gpu else 0,
        usd=None if price == "unknown" else price.usd,
    )
