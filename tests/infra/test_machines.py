"""What watches a cluster knows the machines that the stack file names."""

import pytest

from infra.catalog.aws.instance import instances
from infra.regions.machines import watched
from infra.settings import AwsStack, load, stack_file


@pytest.mark.parametrize("stack", ["uae-aws", "uae-aws-smb", "eu-aws"])
def test_every_machine_of_a_pool_has_its_watts_and_its_price(stack: str) -> None:
    settings = load(stack_file(stack))
    assert isinstance(settings, AwsStack)
    region = watched(settings)
    assert set(region.machines) == {name for pool in settings.pools.values() for name in pool.instance_types}
    for name, machine in region.machines.items():
        assert machine.watts == instances()[name].watts
        assert (machine.gpu_watts > 0) == (instances()[name].gpus > 0)
        assert machine.gpu_watts < machine.watts
        assert machine.usd
    assert region.pue > 1
