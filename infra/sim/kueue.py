"""Kueue's controller of a simulated region: configured as in a cluster, answering for its service."""

from typing import Any

import yaml

from components.kubernetes.bill import objects
from infra.plan.cluster.client import Object
from infra.sim.state import Sim
from infra.sim.webhook import HOME, Webhook

NAME = "kueue"
WEBHOOK = Webhook(
    program=NAME,
    service="kueue-system/kueue-webhook-service",
    authority="kueue-ca",
    secret="falaj-sim-kueue",  # noqa: S106  a name
)
_SETTINGS = "controller_manager_config.yaml"


def configuration(sim: Sim) -> str:
    """As the component has it. Of this machine are addresses, the certificate and that there is one of it."""
    settings: dict[str, Any] = yaml.safe_load(_one("ConfigMap")["data"][_SETTINGS])
    here = {
        "namespace": HOME,
        "health": {"healthProbeBindAddress": f"127.0.0.1:{sim.ports.kueue}"},
        "internalCertManagement": {**settings["internalCertManagement"], "webhookSecretName": WEBHOOK.secret},
        "leaderElection": {"leaderElect": False},
        "metrics": {**settings["metrics"], "bindAddress": "0"},
        "webhook": {"host": "127.0.0.1", "port": sim.ports.webhooks, "certDir": str(sim.keys / NAME)},
        # A server on all of the machine's addresses, which nothing in a cluster asks either.
        "featureGates": {"VisibilityOnDemand": False},
    }
    return yaml.safe_dump(settings | here)


def health(sim: Sim) -> str:
    """Answers once it is ready to be asked about work."""
    return f"http://127.0.0.1:{sim.ports.kueue}/readyz"


def _one(kind: str) -> Object:
    (found,) = [one for one in objects(NAME) if one["kind"] == kind]
    return found
