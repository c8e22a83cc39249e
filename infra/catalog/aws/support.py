"""How long EKS supports a version of Kubernetes."""

from datetime import date
from functools import cache

from infra.catalog.aws.source import Facts, Source, Unknown, read


class Support(Facts):
    """The last days of a version's support."""

    standard: date | Unknown
    extended: date | Unknown


class _File(Facts):
    source: Source
    versions: dict[str, Support]


@cache
def kubernetes() -> dict[str, Support]:
    """The versions that EKS has or had."""
    return _File.model_validate(read("eks")).versions
