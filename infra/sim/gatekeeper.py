"""Gatekeeper of a simulated region: told what the stack's own are told, answering for their service."""

from components.kubernetes.admission_rules import NAMESPACE
from components.kubernetes.bill import objects
from infra.plan.cluster.client import Object
from infra.sim.state import Sim
from infra.sim.webhook import HOME, Webhook

NAME = "gatekeeper"
# As its program has them, which takes no others.
WEBHOOK = Webhook(
    program=NAME,
    service=f"{NAMESPACE}/gatekeeper-webhook-service",
    authority="gatekeeper-ca",
    secret="gatekeeper-webhook-server-cert",  # noqa: S106  a name
)
_POD = "falaj-sim-gatekeeper"
_OTHER = ("--health-addr", "--metrics-backend", "--port", "--prometheus-port")
_CONFINED = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def arguments(sim: Sim) -> list[str]:
    """Of both of the component's programs: one answers, one looks at what is there. Of this machine are addresses."""
    pods = [one["spec"]["template"]["spec"] for one in objects(NAME) if one["kind"] == "Deployment"]
    theirs = [argument for pod in pods for container in pod["containers"] for argument in container["args"]]
    here = {
        "kubeconfig": sim.keys / f"{NAME}.kubeconfig",
        "host": "127.0.0.1",
        "port": sim.ports.admission,
        "health-addr": f"127.0.0.1:{sim.ports.gatekeeper}",
        "cert-dir": sim.keys / NAME,
        "api-cache-dir": sim.folder / NAME,
        "shutdown-delay": 0,  # seconds; in a cluster, the service has to be told
        # The other way to tell figures is a server on all of the machine's addresses: these are told to nobody.
        "metrics-backend": "opentelemetry",
        "otlp-endpoint": "127.0.0.1:9",
        "otlp-metric-interval": "8760h",
    }
    kept = dict.fromkeys(one for one in theirs if one.partition("=")[0] not in _OTHER)
    return [*kept, *(f"--{name}={value}" for name, value in here.items())]


def environment() -> dict[str, str]:
    """Who it is."""
    return {"POD_NAME": _POD, "POD_NAMESPACE": HOME, "NAMESPACE": HOME}


def pod() -> list[Object]:
    """Which it takes itself for, and which what it says of rules goes with: nobody ever gives it a machine."""
    there = {"namespace": HOME, "name": _POD}
    spec = {
        "schedulerName": "nobody",
        "serviceAccountName": _POD,
        "automountServiceAccountToken": False,
        "containers": [{"name": "manager", "image": "none", "securityContext": _CONFINED}],
    }
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": there},
        {"apiVersion": "v1", "kind": "Pod", "metadata": there, "spec": spec},
    ]


def health(sim: Sim) -> str:
    """Answers once it has read its rules."""
    return f"http://127.0.0.1:{sim.ports.gatekeeper}/readyz"
