"""A kubeconfig: where the API server is, whom to trust, who asks."""

import base64
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from infra import yaml_text
from infra.errors import FalajError


@dataclass(frozen=True)
class Config:
    """A context of a kubeconfig."""

    server: str
    tls: ssl.SSLContext | None
    token: str = ""

    @classmethod
    def load(cls, file: Path, name: str | None = None) -> "Config":
        """Read one with a client certificate or a token, the current one when it is not named. Raises KUBE-005."""
        try:
            document: Any = yaml_text.read(file)
            context = _named(document, "contexts", "context", name or document["current-context"])
            cluster = _named(document, "clusters", "cluster", context["cluster"])
            user = _named(document, "users", "user", context["user"])
            server = str(cluster["server"])
            return cls(
                server, _tls(file, cluster, user) if server.startswith("https:") else None, str(user.get("token") or "")
            )
        except (OSError, ValueError, LookupError, TypeError, AttributeError, StopIteration) as error:
            raise FalajError("KUBE-005", str(file), f"{type(error).__name__} while it was read") from error


def _named(document: Mapping[str, Any], many: str, one: str, name: str) -> Mapping[str, Any]:
    return next(item[one] for item in document[many] if item["name"] == name)


def _tls(file: Path, cluster: Mapping[str, Any], user: Mapping[str, Any]) -> ssl.SSLContext:
    authority = _bytes(file, cluster, "certificate-authority")
    context = ssl.create_default_context(cadata=authority.decode() if authority else None)
    if certificate := _bytes(file, user, "client-certificate"):
        with tempfile.NamedTemporaryFile(prefix="falaj-") as pem:  # only its owner reads it; ssl takes files only
            pem.write(certificate + b"\n" + _bytes(file, user, "client-key"))
            pem.flush()
            context.load_cert_chain(pem.name)
    return context


def _bytes(file: Path, holder: Mapping[str, Any], name: str) -> bytes:
    """What is given in the kubeconfig itself, or in a file beside it."""
    if data := holder.get(f"{name}-data"):
        return base64.b64decode(cast("str", data))
    return (file.parent / holder[name]).read_bytes() if name in holder else b""
