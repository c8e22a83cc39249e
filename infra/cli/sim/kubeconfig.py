"""`falaj sim kubeconfig`: where it is."""

from infra.cli.output import OK, emit, guarded, out


def kubeconfig(name: str, as_json: bool) -> int:
    """Print the path."""
    return guarded(as_json, lambda: _kubeconfig(name, as_json))


def _kubeconfig(name: str, as_json: bool) -> int:
    from infra.sim.state import find

    path = str(find(name).kubeconfig)
    if as_json:
        emit({"ok": True, "name": name, "kubeconfig": path})
    else:
        out.print(path)
    return OK
