"""The programs of a simulated region and what each is told: all on loopback, all with certificates."""

import sys
from collections.abc import Mapping
from pathlib import Path

import yaml

from components.local import processes
from components.local.processes import Program
from infra.home import PROJECT
from infra.sim import gatekeeper, kueue
from infra.sim.state import Sim
from infra.toolchain import SIM as TOOLS
from infra.toolchain import GoTool

_NAPS = '[.spec.containers[] | (.command, .args)[]? | scan("\\\\bsleep ([0-9]+)")[0] | tonumber] | "\\(add // 0)s"'
"""A Job's pod runs nothing, but takes as long as the `sleep N` in its commands."""
_TOOLS: dict[str, GoTool] = {tool.name: tool for tool in TOOLS}


def programs(sim: Sim) -> list[Program]:
    """In the order in which they start."""
    return [*servers(sim), *operators(sim)]


def servers(sim: Sim) -> list[Program]:
    """Those of Kubernetes, and what stands in for machines and their network."""
    return [_etcd(sim), _network(sim), _api(sim), _controllers(sim), _scheduler(sim), _kwok(sim)]


def operators(sim: Sim) -> list[Program]:
    """Those that end where their types are not there yet, and what stands in for another one."""
    return [_operator(sim), _kueue(sim), _gatekeeper(sim), _secrets(sim)]


def _program(name: str, command: list[str], *health: str, **environment: str) -> Program:
    return Program(name=name, command=command, environment=environment, health=list(health), settle_seconds=0)


def _etcd(sim: Sim) -> Program:
    clients, peers = f"https://127.0.0.1:{sim.ports.etcd}", f"http://127.0.0.1:{sim.ports.peers}"
    said = {
        "data-dir": sim.folder / "etcd",
        "listen-client-urls": clients,
        "advertise-client-urls": clients,
        "listen-peer-urls": peers,
        "initial-advertise-peer-urls": peers,
        "initial-cluster": f"default={peers}",
        "client-cert-auth": "true",
        "trusted-ca-file": sim.keys / "ca.crt",
        "cert-file": sim.keys / "server.crt",
        "key-file": sim.keys / "server.key",
        # A disk's flush at every write is what a simulation can do without.
        "unsafe-no-fsync": "true",
        "quota-backend-bytes": 4 << 30,
    }
    return _program("etcd", [str(_TOOLS["etcd"].program), *_flags(said)])


def gate(sim: Sim) -> Path:
    """Where the API server asks for a way into the cluster."""
    return processes.runtime(sim.programs) / "network.sock"


def _network(sim: Sim) -> Program:
    return _own("network", "network", gate(sim), sim.folder)


def _secrets(sim: Sim) -> Program:
    return _own("secrets", "external_secrets", sim.keys / "secrets.kubeconfig")


def _own(name: str, module: str, *arguments: Path) -> Program:
    """By the code of whoever starts it, wherever that is installed."""
    command = [sys.executable, "-m", f"infra.sim.{module}", *map(str, arguments)]
    return _program(name, command, PYTHONPATH=str(PROJECT))


def _api(sim: Sim) -> Program:
    keys = sim.keys
    said = {
        "bind-address": "127.0.0.1",
        "advertise-address": "127.0.0.1",
        "secure-port": sim.ports.api,
        "etcd-servers": f"https://127.0.0.1:{sim.ports.etcd}",
        "etcd-cafile": keys / "ca.crt",
        "etcd-certfile": keys / "etcd.crt",
        "etcd-keyfile": keys / "etcd.key",
        "tls-cert-file": keys / "server.crt",
        "tls-private-key-file": keys / "server.key",
        "client-ca-file": keys / "ca.crt",
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": keys / "accounts.key",
        "service-account-signing-key-file": keys / "accounts.key",
        "service-cluster-ip-range": sim.services,
        "encryption-provider-config": keys / "secrets.yaml",
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "anonymous-auth": "false",
        # Drivers need it; who else may is the affair of Pod Security.
        "allow-privileged": "true",
        "profiling": "false",
        "endpoint-reconciler-type": "none",
        "egress-selector-config-file": sim.folder / "egress.yaml",
        "audit-log-path": sim.folder / "audit.log",
        "audit-policy-file": sim.folder / "audit.yaml",
        "audit-log-maxsize": 50,
        "audit-log-maxbackup": 2,
    }
    return _program("apiserver", [str(_TOOLS["kube-apiserver"].program), *_flags(said)])


def _controllers(sim: Sim) -> Program:
    keys = sim.keys
    said = {
        "kubeconfig": keys / "controllers.kubeconfig",
        "bind-address": "127.0.0.1",
        "secure-port": sim.ports.controllers,
        "root-ca-file": keys / "ca.crt",
        "service-account-private-key-file": keys / "accounts.key",
        "use-service-account-credentials": "true",
        "leader-elect": "false",
        "profiling": "false",
        # Default: 20; what a thousand nodes and a hundred clusters at once would queue for.
        "kube-api-qps": 200,
        "kube-api-burst": 400,
    }
    return _program("controllers", [str(_TOOLS["kube-apiserver"].folder / "kube-controller-manager"), *_flags(said)])


def _scheduler(sim: Sim) -> Program:
    said = {
        "kubeconfig": sim.keys / "scheduler.kubeconfig",
        "bind-address": "127.0.0.1",
        "secure-port": sim.ports.scheduler,
        "leader-elect": "false",
        "profiling": "false",
        "kube-api-qps": 200,
        "kube-api-burst": 400,
    }
    return _program("scheduler", [str(_TOOLS["kube-apiserver"].folder / "kube-scheduler"), *_flags(said)])


def _kwok(sim: Sim) -> Program:
    tool = _TOOLS["kwok"]
    said = {
        "kubeconfig": sim.keys / "kwok.kubeconfig",
        "manage-all-nodes": "true",
        "node-lease-duration-seconds": 40,
        "cidr": "10.128.0.1/9",
        "config": sim.folder / "kwok.yaml",
    }
    return _program("kwok", [str(tool.program), *_flags(said)])


def _operator(sim: Sim) -> Program:
    command = [
        str(_TOOLS["kuberay-operator"].program),
        *_flags(
            {
                "kubeconfig": sim.keys / "operator.kubeconfig",
                "metrics-addr": f"127.0.0.1:{sim.ports.operator}",
                "health-probe-bind-address": "0",
                "enable-leader-election": "false",
                "reconcile-concurrency": 4,
                # Names and addresses of the cluster are not this machine's.
                "use-kubernetes-proxy": "true",
            }
        ),
    ]
    return _program("operator", command)


def _kueue(sim: Sim) -> Program:
    said = {"config": sim.folder / "kueue.yaml", "kubeconfig": sim.keys / "kueue.kubeconfig", "zap-log-level": 2}
    command = [str(_TOOLS["kueue"].program), *_flags(said)]
    # One that met no API server as it began waits for ever, and is begun anew.
    return _program(kueue.NAME, command, kueue.health(sim))


def _gatekeeper(sim: Sim) -> Program:
    command = [str(_TOOLS[gatekeeper.NAME].program), *gatekeeper.arguments(sim)]
    return _program(gatekeeper.NAME, command, gatekeeper.health(sim), **gatekeeper.environment())


def stages() -> str:
    """How nodes, pods and volumes that are not there come to be ready, and go: kwok's own descriptions.

    Those of volumes are of a class of kwok's; here they are of every class.
    """
    files = sorted(_TOOLS["kwok"].folder.glob("*.yaml"))
    found = [one for file in files for one in yaml.safe_load_all(file.read_text()) if one]
    for stage in found:
        selector = stage["spec"].get("selector", {})
        if wanted := selector.get("matchExpressions"):
            selector["matchExpressions"] = [one for one in wanted if "kwok-volume" not in str(one)]
    return "---\n".join(map(yaml.safe_dump, found))


def _flags(said: Mapping[str, object]) -> list[str]:
    return [f"--{name}={value}" for name, value in said.items()]
