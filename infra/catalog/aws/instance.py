"""What an EC2 machine is."""

from functools import cache
from typing import Literal

from infra.catalog.aws.source import Facts, Source, Unknown, read

Quota = Literal["standard", "g", "p"]


class Gpu(Facts):
    """One GPU."""

    model: str
    gib: int
    """Memory, GB as its maker says."""
    watts: float
    """The board's limit."""
    mig: tuple[str, ...]
    """Profiles that it can be divided into; empty when it cannot."""


class _Size(Facts):
    vcpus: int
    gib: float
    gpus: int = 0
    efa: int = 0
    usd: float | Unknown


class _Family(Facts):
    arch: Literal["x86_64", "arm64"]
    gpu: Gpu | None = None
    sizes: dict[str, _Size]


class _Watts(Facts):
    vcpu: float
    gib: float


class _File(Facts):
    sources: dict[str, Source]
    watts: _Watts
    families: dict[str, _Family]


class Instance(Facts):
    """An instance type."""

    type: str
    family: str
    arch: Literal["x86_64", "arm64"]
    vcpus: int
    gib: float
    """Memory, GiB."""
    gpu: Gpu | None
    gpus: int
    efa: int
    """EFA interfaces it may have."""
    usd: float | Unknown
    """List price of an hour in us-east-1, on demand, Linux."""
    watts: float
    """Estimate at full load, without cooling."""

    @property
    def quota(self) -> Quota:
        """The EC2 quota that its vCPUs count in."""
        return "p" if self.family.startswith("p") else "g" if self.family.startswith("g") else "standard"


@cache
def instances() -> dict[str, Instance]:
    """Every type of the catalogue, by name."""
    file = _File.model_validate(read("instances"))
    return {
        (name := f"{family}.{size}"): Instance(
            type=name,
            family=family,
            arch=of.arch,
            vcpus=one.vcpus,
            gib=one.gib,
            gpu=of.gpu,
            gpus=one.gpus,
            efa=one.efa,
            usd=one.usd,
            watts=_watts(file.watts, of.gpu, one),
        )
        for family, of in file.families.items()
        for size, one in of.sizes.items()
    }


def _watts(per: _Watts, gpu: Gpu | None, one: _Size) -> float:
    return round(one.vcpus * per.vcpu + one.gib * per.gib + one.gpus * (gpu.watts if gpu else 0), 1)
