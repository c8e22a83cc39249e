"""Bring a simulated region up, and back to what it was when something of it died."""

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from ipaddress import ip_network
from typing import Any

from components.kubernetes.bill import types
from components.local import processes
from components.local.processes import Program
from components.local.supervisor import SupervisorInputs, SupervisorKind
from infra.catalog.aws.region import regions
from infra.checks import checked
from infra.checks.aws import zones
from infra.errors import FalajError
from infra.plan.cluster.client import Client, Object, RefusedError, UnservedError
from infra.plan.cluster.config import Config
from infra.regions import admission
from infra.settings import AwsStack, ClusterStack, LocalStack, stack_file
from infra.sim import certificates, gatekeeper, kueue, nodes, plane
from infra.sim.network.routes import lead
from infra.sim.rights import rights
from infra.sim.state import Ports, Sim, folder_of, read
from infra.toolchain import SIM, in_cache

READY_SECONDS = 60
_AUDIT = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n"
_EGRESS = """\
apiVersion: apiserver.k8s.io/v1beta1
kind: EgressSelectorConfiguration
egressSelections:
  - name: cluster
    connection: {proxyProtocol: HTTPConnect, transport: {uds: {udsName: "%s"}}}
"""
Say = Callable[[str], None]


def start(name: str, stack: str, wanted: Mapping[str, int], say: Say) -> Sim:
    """Have it running, with its nodes. SIM-002 when a program is missing, SIM-003 when it does not answer in time."""
    settings = of(stack)
    unknown = sorted(set(wanted) - set(settings.pools))
    if unknown:
        raise FalajError("SIM-004", name, f"pool {unknown[0]!r} is none of {', '.join(settings.pools)}")
    sim = _sim(name, stack, settings)
    _programs()
    _files(sim)
    client = _run(sim, plane.servers(sim), say)
    _grant(sim, client, admission.rules(stack, settings).rights())
    processes.run(sim.programs, *plane.operators(sim))
    many = nodes.counts(settings, wanted)
    nodes.replace(client)
    nodes.put(client, nodes.nodes(settings, _zones(stack, settings), many))
    say(f"{sum(many.values())} nodes: " + ", ".join(f"{count} {pool}" for pool, count in many.items()))
    return sim


def of(stack: str) -> ClusterStack:
    """The stack whose region is simulated. SIM-005 when it is of this machine."""
    settings = checked(stack)
    if isinstance(settings, LocalStack):
        place = f"stacks/{stack_file(stack).name}"
        raise FalajError("SIM-005", place, f"its target is {settings.target}, which has no cluster")
    return settings


def _zones(stack: str, settings: ClusterStack) -> list[str]:
    """Of a cloud's region."""
    if not isinstance(settings, AwsStack):
        return []
    letters = zones(settings, regions()[settings.region], f"stacks/Pulumi.{stack}.yaml")
    return [f"{settings.region}{letter}" for letter in letters]


def _sim(name: str, stack: str, settings: ClusterStack) -> Sim:
    """The one that is there, else a new one. SIM-006 when it is of another stack."""
    found = read(name)
    if found is not None:
        if found.stack != stack:
            raise FalajError("SIM-006", name, f"it simulates {found.stack}, not {stack}")
        return found
    folder = folder_of(name)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ports = Ports(**_free([field.name for field in fields(Ports)]))
    made = Sim(name=name, stack=stack, folder=folder, ports=ports, services=settings.cluster.service_cidr)
    made.save()
    return made


def _free(names: list[str]) -> dict[str, int]:
    """Ports that nobody has now."""
    held = [socket.socket() for _ in names]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return {name: one.getsockname()[1] for name, one in zip(names, held, strict=True)}
    finally:
        for one in held:
            one.close()


def _programs() -> None:
    lacking = [tool.name for tool in SIM if in_cache(tool) is None]
    if lacking:
        raise FalajError("SIM-002", lacking[0], "it is not built yet")


def _files(sim: Sim) -> None:
    service = str(ip_network(sim.services)[1])
    certificates.make(sim.keys, sim.server, service)
    if not sim.kubeconfig.exists():
        sim.kubeconfig.write_bytes((sim.keys / "admin.kubeconfig").read_bytes())
        sim.kubeconfig.chmod(0o600)
    lead(sim, kueue.WEBHOOK.service, sim.ports.webhooks)
    lead(sim, gatekeeper.WEBHOOK.service, sim.ports.admission)
    (sim.folder / gatekeeper.NAME).mkdir(exist_ok=True)
    (sim.folder / "kueue.yaml").write_text(kueue.configuration(sim))
    (sim.folder / "audit.yaml").write_text(_AUDIT)
    (sim.folder / "kwok.yaml").write_text(plane.stages())
    (sim.folder / "egress.yaml").write_text(_EGRESS % plane.gate(sim))


def _run(sim: Sim, programs: list[Program], say: Say) -> Client:
    """Once they answer."""
    SupervisorKind().create(SupervisorInputs(path=str(sim.programs), log_max_mib=20, log_backups=2))
    processes.run(sim.programs, *programs)
    client = Client(Config.load(sim.kubeconfig))
    _await(sim, lambda: _answers(client), "does not answer")
    say(f"control plane answers at {sim.server}")
    return client


def _grant(sim: Sim, client: Client, watch: Sequence[Mapping[str, Any]]) -> None:
    """What the operators need: rights, certificates, their types.

    What is there is left as it is: it may be the stack's, and to write it again is what Gatekeeper is asked about.
    """
    served = [one for name in ("kuberay-operator", kueue.NAME, gatekeeper.NAME) for one in types(name)]
    known = [one.WEBHOOK.certificate(sim) for one in (kueue, gatekeeper)]

    def have(found: Object) -> None:
        if client.get(found) is None:
            client.apply(found)

    with ThreadPoolExecutor(nodes.AT_ONCE) as at_once:
        list(at_once.map(have, [*served, *rights(watch), *known]))
    for found in gatekeeper.pod():
        have(found)
    _await(sim, lambda: all(_served(client, one) for one in served), "does not serve the operators' types")


def _await(sim: Sim, holds: Callable[[], bool], lacks: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            log = sim.programs / "apiserver.log"
            lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
            said = lines[-1][:300] if lines else "nothing"
            raise FalajError("SIM-003", sim.name, f"the API server {lacks} after {READY_SECONDS} s: {said}")
        time.sleep(0.2)


def _answers(client: Client) -> bool:
    try:
        client.ask("GET", "/api/v1/namespaces/kube-system")
    except (FalajError, RefusedError):
        return False
    return True


def _served(client: Client, found: Object) -> bool:
    """Whether what a definition defines can be had; that takes the server a moment."""
    spec = found["spec"]
    try:
        client.kind(f"{spec['group']}/{spec['versions'][0]['name']}", spec["names"]["kind"])
    except UnservedError:
        return False
    return True
