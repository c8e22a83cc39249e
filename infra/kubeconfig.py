"""The kubeconfig of a stack whose cluster is there already: where it leads, and whether that is where it should."""

import os
from pathlib import Path
from typing import Any

from infra import yaml_text
from infra.errors import FalajError
from infra.settings.given import Cluster


def file_of(cluster: Cluster) -> Path:
    """The file that the stack names, else the usual one. Of several in `$KUBECONFIG` the first."""
    usual = os.environ.get("KUBECONFIG", "").split(os.pathsep)[0] or "~/.kube/config"
    return Path(cluster.kubeconfig or usual).expanduser()


def require_server(cluster: Cluster, place: str) -> Path:
    """The file, when its context leads to the declared server. Raises CFG-031."""
    file = file_of(cluster)
    try:
        document: Any = yaml_text.read(file)
        contexts = {str(one["name"]): str(one["context"]["cluster"]) for one in document["contexts"]}
        servers = {str(one["name"]): str(one["cluster"]["server"]).rstrip("/") for one in document["clusters"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        said = f"the kubeconfig {file} cannot be read ({type(error).__name__})"
        raise FalajError("CFG-031", place, said, "Write its path as `falaj:cluster.kubeconfig`.") from error
    if cluster.context not in contexts:
        said = f"`falaj:cluster.context` is {cluster.context}, and {file} has {', '.join(contexts) or 'none'}"
        raise FalajError("CFG-031", place, said)
    if (server := servers.get(contexts[cluster.context])) != cluster.server:
        said = f"`falaj:cluster.server` is {cluster.server}, and context {cluster.context} of {file} leads to {server}"
        raise FalajError("CFG-031", place, said)
    return file
