"""Where a region is and for whom: behind every name, tag and option of its resources."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class Context:
    """Facts that all parts of a region share. None of them is looked up (design D3)."""

    stack: str
    """Name of the stack: the first part of every name."""
    account: str
    """Twelve digits."""
    region: str
    zones: tuple[str, ...]
    """Zones in use, `me-central-1a`, in order; a zone keeps its place when others are added behind it."""
    prod: bool
    """Whether what holds data is protected and outlives the stack."""
    tags: Mapping[str, str]
    """On every resource that takes tags, besides its own `Name`."""

    def tagged(self, name: str, **more: str) -> dict[str, str]:
        """The tags of the resource of that name."""
        return {**self.tags, "Name": name, **more}

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource whose name is known beforehand."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def stateful(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        """Options of a resource that holds data."""
        return pulumi.ResourceOptions(parent=parent, protect=self.prod, retain_on_delete=self.prod)
