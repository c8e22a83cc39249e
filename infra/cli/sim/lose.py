"""`falaj sim lose`: have the machine of a node fail."""

from infra.cli.output import OK, done, emit, guarded


def lose(name: str, node: str, as_json: bool) -> int:
    """It reports no more, and nothing that is on it ends."""
    return guarded(as_json, lambda: _lose(name, node, as_json))


def _lose(name: str, node: str, as_json: bool) -> int:
    from infra.plan.cluster.client import Client
    from infra.plan.cluster.config import Config
    from infra.sim import nodes
    from infra.sim.state import find

    nodes.lose(Client(Config.load(find(name).kubeconfig)), name, node)
    if as_json:
        emit({"ok": True, "name": name, "node": node})
    else:
        done(
            f"{node} reports no more, which Kubernetes sees within a minute; `falaj sim up` puts a new one in its place"
        )
    return OK
