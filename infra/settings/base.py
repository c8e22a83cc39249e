"""What every stack file says, whatever its target."""

from typing import Annotated, Literal

from pydantic import Field

from infra.settings.queues import Queue, QueueName
from infra.settings.ray import Ray
from infra.settings.strict import Strict, Text
from policies.gate.params import Limits

PoolName = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,19}$")]


class Stack(Strict):
    """One region: what it is, what its policies demand."""

    kind: Literal["region"]
    """What the stack is."""
    profile: Literal["dev", "prod"] = "dev"
    """The levels at which policies act. Outside `dev` nothing is applied without the gate, and stores are protected."""
    jurisdiction: Annotated[str, Field(pattern="^[a-z][a-z0-9-]*$")] = "local"
    """Where its data may be."""
    regimes: list[str] = []
    """Legal regimes its data is under: `health`, `bank`, `difc`, `adgm`, `pdpl`, `gdpr`."""
    data_class: Literal["public", "internal", "confidential", "restricted"] = "internal"
    """The highest class of data it may hold."""
    lawful_basis: str = ""
    """On which legal basis personal data is processed; needed for `confidential` and `restricted`."""
    policy: Limits = Limits()
    telemetry: bool = False
    """Whether servers may report their usage to their makers. The gate refuses true."""


class Clustered(Stack):
    """A region with a Kubernetes cluster: whose it is, and what runs there."""

    owner: Text
    """Team mail that answers for the stack: tag `owner`."""
    cost_center: Text
    """Who pays: tag `cost-centre`."""
    purpose: Text = "ai-platform"
    """What it is for: tag `purpose`."""
    tags: dict[str, str] = {}
    """Further tags of every resource."""
    queues: dict[QueueName, Queue] = {}
    """Queues that work in the cluster waits in, by name."""
    ray: Ray = Ray()

    def every_tag(self, retention_days: int) -> dict[str, str]:
        """What each resource carries; its own are every tenant's."""
        return {
            **self.tags,
            "cost-centre": self.cost_center,
            "data-class": self.data_class,
            "env": self.profile,
            "owner": self.owner,
            "purpose": self.purpose,
            "retention": f"{retention_days}d",
            "tenant": "shared",
        }
