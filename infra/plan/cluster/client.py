"""Talks to an API server: objects by their kind, server-side apply, refusals with the server's reasons."""

import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote, urlencode

import urllib3

from infra.errors import FalajError
from infra.plan.cluster.config import Config
from infra.plan.definitions import part

MANAGER = "falaj"
"""Who owns the fields that a program gives."""
Object = dict[str, Any]
logging.getLogger("urllib3").setLevel(logging.ERROR)  # what is tried again is no news
_PATIENCE = 6
"""Tries until a server that starts anew is given up: about ten seconds. Every request here may be made twice."""
_RUNNING = frozenset({"apps", "batch", "ray.io"})
"""API groups of what runs pods."""
_SECONDS = 60.0


@dataclass(frozen=True)
class Cause:
    """One reason of a refusal, and which field it is about."""

    place: str
    reason: str
    message: str


class RefusedError(Exception):
    """The API server said no."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        causes: list[Mapping[str, Any]] = part(document, "details").get("causes") or []
        self.status = status
        self.reason = str(document.get("reason") or status)
        self.message = str(document.get("message") or self.reason)
        self.causes = [
            Cause(
                str(item.get("field") or "").lstrip("."), str(item.get("reason") or ""), str(item.get("message") or "")
            )
            for item in causes
        ]
        super().__init__(self.message)


class UnservedError(Exception):
    """The API server has no such kind."""


@dataclass(frozen=True)
class Kind:
    """A kind as the server names it in addresses."""

    version: str
    plural: str
    namespaced: bool

    @property
    def root(self) -> str:
        """The address of its API version."""
        return f"/api/{self.version}" if "/" not in self.version else f"/apis/{self.version}"


class Client:
    """One API server."""

    def __init__(self, config: Config, *, patience: int = _PATIENCE) -> None:
        headers = {"Authorization": f"Bearer {config.token}"} if config.token else {}
        tries = urllib3.Retry(
            connect=patience,
            read=2,
            redirect=0,
            status=3,
            status_forcelist=(429,),
            allowed_methods=None,
            backoff_factor=0.2,
        )
        self.server = config.server
        self._pool = urllib3.PoolManager(maxsize=32, ssl_context=config.tls, headers=headers, retries=tries)
        self._kinds: dict[tuple[str, str], Kind] = {}
        self._lock = threading.Lock()

    def get(self, found: Mapping[str, Any]) -> Object | None:
        """The live object with the name of that one; None when there is none."""
        try:
            return self.ask("GET", self.address(found))
        except (UnservedError, RefusedError) as error:
            if isinstance(error, RefusedError) and error.status != 404:
                raise
            return None

    def apply(self, found: Object, *, dry_run: bool = False, force: bool = False) -> Object:
        """Server-side apply. Raises RefusedError and UnservedError."""
        query = {"fieldManager": MANAGER, "fieldValidation": "Strict", "force": str(force).lower()}
        if dry_run:
            query["dryRun"] = "All"
        return self.ask("PATCH", self.address(found), found, query, "application/apply-patch+yaml")

    def delete(self, live: Mapping[str, Any]) -> None:
        """Begin to delete; what runs pods goes after them, unless its annotations say otherwise. Twice is no error.

        Of the rest, the finalizer that waits for what an object owns has nothing to wait for, and is itself an update,
        which a webhook may refuse whose pods are gone.
        """
        runs = str(live.get("apiVersion")).rpartition("/")[0] in _RUNNING
        notes = part(part(live, "metadata"), "annotations")
        said = str(notes.get("pulumi.com/deletionPropagationPolicy", "foreground" if runs else "background"))
        try:
            self.ask("DELETE", self.address(live), {"propagationPolicy": said.capitalize()})
        except UnservedError:
            return
        except RefusedError as error:
            if error.status != 404:
                raise

    def list_of(self, version: str, kind: str, namespace: str, query: Mapping[str, str]) -> list[Object]:
        """The objects of a kind in a namespace that a query selects."""
        at = self.address({"apiVersion": version, "kind": kind, "metadata": {"namespace": namespace, "name": ""}})
        return self.ask("GET", at.rstrip("/"), query=query).get("items") or []

    def address(self, found: Mapping[str, Any]) -> str:
        """Where an object is on the server. Raises UnservedError."""
        kind = self.kind(str(found.get("apiVersion")), str(found.get("kind")))
        metadata = part(found, "metadata")
        space = f"/namespaces/{quote(metadata.get('namespace') or 'default')}" if kind.namespaced else ""
        return f"{kind.root}{space}/{kind.plural}/{quote(metadata['name'])}"

    def kind(self, version: str, name: str) -> Kind:
        """A kind by its API version and name. Raises UnservedError."""
        with self._lock:
            if (version, name) not in self._kinds:
                self._discover(version)
            if (version, name) not in self._kinds:
                raise UnservedError(f"the API server has no kind {name} of {version}")
            return self._kinds[version, name]

    def ask(
        self,
        method: Literal["GET", "PATCH", "DELETE"],
        at: str,
        body: Any = None,
        query: Mapping[str, str] | None = None,
        content: str = "application/json",
    ) -> Object:
        """One request. Raises RefusedError; KUBE-002 when the server does not answer."""
        try:
            answer = self._pool.request(
                method,
                f"{self.server}{at}{'?' + urlencode(query) if query else ''}",
                body=json.dumps(body) if body is not None else None,
                headers={**self._pool.headers, "Content-Type": content, "Accept": "application/json"},
                timeout=_SECONDS,
            )
        except urllib3.exceptions.HTTPError as error:
            cause = getattr(error, "reason", error)
            raise FalajError("KUBE-002", self.server, f"{type(cause).__name__} for {method} {at}") from error
        document = _read(answer.data)
        if answer.status >= 400:
            raise RefusedError(answer.status, document)
        return document

    def _discover(self, version: str) -> None:
        try:
            listed = self.ask("GET", Kind(version, "", False).root)
        except RefusedError as error:
            if error.status != 404:
                raise
            return
        resources: list[Mapping[str, Any]] = listed.get("resources") or []
        for item in resources:
            if "/" not in item["name"]:
                self._kinds[version, item["kind"]] = Kind(version, item["name"], bool(item["namespaced"]))


def _read(answer: bytes) -> Object:
    """The document of an answer; some refusals have plain text instead."""
    try:
        return json.loads(answer or b"{}")
    except ValueError:
        return {"message": answer.decode(errors="replace").strip()}
