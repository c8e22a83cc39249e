"""What a cluster that is there already must say before a stack is put onto it. It is only read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from components.kubernetes.bill import types
from infra.cli.check import Check
from infra.errors import FalajError
from infra.kubeconfig import require_server
from infra.plan.cluster.client import Client, Object, RefusedError, UnservedError
from infra.plan.cluster.config import Config
from infra.settings import KubernetesStack
from infra.settings.given import GivenPool

_BROUGHT = ("cert-manager", "external-secrets", "kuberay-operator", "kueue")
_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 1e3, "M": 1e6, "G": 1e9, "m": 1e-3}
Found = tuple[str, bool, str]
"""What was found, whether it is well, and the fix when it is not."""


def preflight(settings: KubernetesStack, place: str) -> list[Check]:
    """Every check, the kubeconfig first: without it there is nobody to ask."""
    wanted = settings.cluster.server
    try:
        file = require_server(settings.cluster, place)
        client = Client(Config.load(file, settings.cluster.context), patience=1)
    except FalajError as error:
        return [Check("kubeconfig", wanted, error.problem, False, error.fix), _left()]
    return [Check("kubeconfig", wanted, f"{file} leads there", True), *_asked(client, settings)]


def _left() -> Check:
    return Check("cluster", "what the stack file says of it", "not asked", True, asked=False)


def _asked(client: Client, settings: KubernetesStack) -> Iterator[Check]:
    try:
        version = client.ask("GET", "/version")
    except (FalajError, RefusedError) as error:
        yield Check("cluster", "an answer", f"not asked: {error}", True, asked=False)
        return
    yield _check("version", settings.cluster.version, lambda: _version(version, settings.cluster.version))
    nodes: list[Object] = []
    yield _check("nodes", "nodes that may be listed", lambda: _nodes(client, nodes))
    for name, pool in settings.pools.items():
        yield _check(f"pool {name}", _promised(pool), lambda name=name, pool=pool: _pool(nodes, name, pool))
    if near := settings.cluster.near:
        yield _check(f"label {near}", "on all nodes with GPUs", lambda: _near(nodes, near, settings))
    if disks := settings.disks.storage_class:
        yield _check(f"storage class {disks}", "there", lambda: _there(client, disks))
    yield _check("secrets", f"in namespace {settings.secrets.namespace}", lambda: _secrets(client, settings))
    yield _check("types of others", "none of those that the platform brings", lambda: _types(client, settings))


def _check(name: str, wanted: str, ask: Callable[[], Found]) -> Check:
    try:
        found, ok, fix = ask()
    except (FalajError, RefusedError, UnservedError) as error:
        return Check(name, wanted, f"not asked: {error}", True, asked=False)
    return Check(name, wanted, found, ok, "" if ok else fix)


def _version(said: Mapping[str, Any], wanted: str) -> Found:
    found = f"{said['major']}.{str(said['minor']).rstrip('+')}"
    return found, found == wanted, f'Write falaj:cluster.version: "{found}"'


def _nodes(client: Client, nodes: list[Object]) -> Found:
    nodes += client.ask("GET", "/api/v1/nodes")["items"]
    return f"{len(nodes)} nodes", bool(nodes), "Give the cluster nodes"


def _promised(pool: GivenPool) -> str:
    gpus = f" and {pool.gpus} {pool.resource}" if pool.gpus else ""
    return f"{pool.number} nodes, each with {pool.cpu:g} processors, {pool.memory_gib:g} GiB{gpus}"


def _pool(nodes: Sequence[Object], name: str, pool: GivenPool) -> Found:
    """The nodes with the pool's labels: as many as promised, the smallest as large, tainted as said."""
    labels = pool.selector(name).items()
    mine = [one for one in nodes if labels <= one["metadata"].get("labels", {}).items()]
    key = f"falaj:pools.{name}"
    if len(mine) < pool.number:
        said = ", ".join(f"{label}={value}" for label, value in labels)
        return f"{len(mine)} nodes with {said}", False, f"Label the nodes, or correct {key}"
    least = {what: min(_amount(one["status"]["allocatable"].get(what, "0")) for one in mine) for what in _wanted(pool)}
    lacking = [what for what, amount in _wanted(pool).items() if least[what] < amount]
    found = f"{len(mine)} nodes, the least of them with {least['cpu']:g} processors, {least['memory'] / 2**30:.1f} GiB"
    found += f" and {least[pool.resource]:g} {pool.resource}" if pool.gpus else ""
    if lacking:
        return found, False, f"Write into {key} what their `Allocatable` has: {', '.join(lacking)}"
    taints = [cast("list[dict[str, str]]", node["spec"].get("taints") or []) for node in mine]
    said = {f"{one['key']}:{one['effect']}" for found in taints for one in found}
    more = said - {f"{one.key}:{one.effect}" for one in pool.taints}
    shown = ", ".join(sorted(more))
    return found + (f", tainted {shown}" if more else ""), not more, f"Write the taints into {key}.taints"


def _wanted(pool: GivenPool) -> dict[str, float]:
    """What pods count on, as the kubelet calls it."""
    gpus = {pool.resource: float(pool.gpus)} if pool.gpus else {}
    return {"cpu": pool.cpu, "memory": pool.memory_gib * 2**30, "ephemeral-storage": pool.disk_gib * 2.0**30, **gpus}


def _amount(text: str) -> float:
    """Kubernetes' quantities: `15890m`, `62Gi`, `8`."""
    unit = next((unit for unit in _UNITS if text.endswith(unit)), "")
    return float(text.removesuffix(unit)) * _UNITS.get(unit, 1)


def _near(nodes: Sequence[Object], label: str, settings: KubernetesStack) -> Found:
    gpus = [pool.selector(name).items() for name, pool in settings.pools.items() if pool.gpus]
    every = [one["metadata"].get("labels", {}) for one in nodes]
    lacking = [one for one in every if any(mine <= one.items() for mine in gpus) and label not in one]
    return f"{len(lacking)} without it", not lacking, "Label them, or leave falaj:cluster.near away"


def _there(client: Client, disks: str) -> Found:
    at = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": disks}}
    found = client.get(at)
    said = f"of {found['provisioner']}" if found else "not there"
    return said, found is not None, "Make it, or name another one in falaj:disks"


def _secrets(client: Client, settings: KubernetesStack) -> Found:
    """Names and keys; what is in them is not looked at."""
    wanted: dict[str, set[str]] = {}
    for one in (settings.cache, settings.database):
        wanted |= {one.secret: {"username", "password"}} if one else {}
    if settings.artifacts:
        wanted[settings.artifacts.secret] = {"access_key", "secret_key"}
    if receivers := settings.platform.monitoring.receivers:
        wanted[receivers] = {"page", "ticket"}
    lacking = [name for name, keys in wanted.items() if not keys <= _keys(client, settings.secrets.namespace, name)]
    said = "; ".join(f"{name} ({', '.join(sorted(wanted[name]))})" for name in lacking)
    fix = f"Make them in namespace {settings.secrets.namespace}"
    return f"lacking: {said}" if said else ", ".join(wanted) or "none wanted", not lacking, fix


def _keys(client: Client, namespace: str, name: str) -> set[str]:
    at = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}}
    return set(cast("dict[str, str]", (client.get(at) or {}).get("data") or {}))


def _types(client: Client, settings: KubernetesStack) -> Found:
    """Whoever brought one of the platform's types keeps its operator, too, and two of them quarrel."""
    brought = [*_BROUGHT, *(["policy-controller"] if settings.platform.signers else [])]
    every = client.ask("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions")["items"]
    others = {one["metadata"]["name"] for one in every if not _ours(one)}
    mine = {name: {one["metadata"]["name"] for one in types(name)} & others for name in brought}
    said = "; ".join(f"{name}: {', '.join(sorted(found))}" for name, found in mine.items() if found)
    return said or "none", not said, "Have the others' operators taken away: the platform brings its own"


def _ours(one: Object) -> bool:
    return one["metadata"].get("labels", {}).get("app.kubernetes.io/managed-by") == "falaj"
