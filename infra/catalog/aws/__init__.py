"""What AWS sells, and where: dated facts with their sources, in the YAML files beside this one."""

from infra.catalog.aws.instance import Gpu, Instance, Quota
from infra.catalog.aws.region import Price, Region
from infra.catalog.aws.support import Support

__all__ = ["Gpu", "Instance", "Price", "Quota", "Region", "Support"]
