"""How the API server knows a program beside the cluster that it asks: by its service's name, and a certificate."""

from base64 import b64encode
from dataclasses import dataclass

from infra.plan.cluster.client import Object
from infra.sim.state import Sim

HOME = "kube-system"
"""Where its certificate is: in its own namespace it would come and go with the stack's."""


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """It tells the API server of its certificate's authority itself, and replaces what is not as it would make it."""

    program: str
    service: str
    """What the API server calls: `namespace/name`."""
    authority: str
    """What it wants its certificate's authority to be called."""
    secret: str
    """Where in `HOME` it looks for its certificate."""

    @property
    def hosts(self) -> list[str]:
        """What its certificate is of: what is called, and what it would call itself by its `HOME`."""
        namespace, _, name = self.service.partition("/")
        return [f"{name}.{namespace}.svc", f"{name}.{HOME}.svc"]

    def certificate(self, sim: Sim) -> Object:
        """Where it looks for it."""
        kept = sim.keys / self.program
        files = {name: (kept / name).read_bytes() for name in ("ca.crt", "ca.key", "tls.crt", "tls.key")}
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": self.secret, "namespace": HOME},
            "data": {name: b64encode(content).decode() for name, content in files.items()},
        }
