"""Kueue's controller of a simulated region: configured as in a cluster, answering for its service."""

from base64 import b64encode
from typing import Any

import yaml

from components.kubernetes.bill import objects
from infra.plan.cluster.client import Object
from infra.sim.state import Sim

NAME = "kueue"
HOME = "kube-system"
"""Where its certificate is: in its own namespace it would come and go with the stack's."""
AUTHORITY = "kueue-ca"
"""What it wants its certificate's authority to be called; any other it would replace."""
_SECRET = "falaj-sim-kueue"  # noqa: S105  a name
_SETTINGS = "controller_manager_config.yaml"


def service() -> str:
    """What the API server calls when it asks Kueue: `namespace/name`."""
    found = _one("MutatingWebhookConfiguration")["webhooks"][0]["clientConfig"]["service"]
    return f"{found['namespace']}/{found['name']}"


def hosts() -> list[str]:
    """What its certificate is of: what is called, and what it would call itself by its `HOME`."""
    namespace, _, name = service().partition("/")
    return [f"{name}.{namespace}.svc", f"{name}.{HOME}.svc"]


def configuration(sim: Sim) -> str:
    """As the component has it. Of this machine are addresses, the certificate and that there is one of it."""
    settings: dict[str, Any] = yaml.safe_load(_one("ConfigMap")["data"][_SETTINGS])
    here = {
        "namespace": HOME,
        "health": {"healthProbeBindAddress": f"127.0.0.1:{sim.ports.kueue}"},
        "internalCertManagement": {**settings["internalCertManagement"], "webhookSecretName": _SECRET},
        "leaderElection": {"leaderElect": False},
        "metrics": {**settings["metrics"], "bindAddress": "0"},
        "webhook": {"host": "127.0.0.1", "port": sim.ports.webhooks, "certDir": str(sim.keys / NAME)},
        # A server on all of the machine's addresses, which nothing in a cluster asks either.
        "featureGates": {"VisibilityOnDemand": False},
    }
    return yaml.safe_dump(settings | here)


def certificate(sim: Sim) -> Object:
    """Its certificate where it looks for it; it tells the API server of the authority itself."""
    files = {name: (sim.keys / NAME / name).read_bytes() for name in ("ca.crt", "ca.key", "tls.crt", "tls.key")}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": _SECRET, "namespace": HOME},
        "data": {name: b64encode(content).decode() for name, content in files.items()},
    }


def health(sim: Sim) -> str:
    """Answers once it is ready to be asked about work."""
    return f"http://127.0.0.1:{sim.ports.kueue}/readyz"


def _one(kind: str) -> Object:
    (found,) = [one for one in objects(NAME) if one["kind"] == kind]
    return found
