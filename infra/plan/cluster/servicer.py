"""Kubernetes' plan provider in front of a real API server: it tries in a preview and makes in an update.

Everything goes by server-side apply under one field manager, so that what a killed run left is taken up by the next.
"""

# ruff: noqa: N802  the methods' names are the protocol's

import dataclasses
import threading
import time
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import grpc
from google.protobuf import any_pb2, empty_pb2, struct_pb2
from google.rpc import code_pb2, status_pb2
from pulumi.runtime.proto import provider_pb2

from components.local.provider.wire import to_python, to_struct
from infra.errors import FalajError
from infra.plan.check import Problem
from infra.plan.cluster import ready
from infra.plan.cluster.body import id_of, identity, is_known, to_object
from infra.plan.cluster.client import Client, Object, RefusedError, UnservedError
from infra.plan.cluster.drift import overlaid, own, reconciled, strayed
from infra.plan.cluster.published import Published
from infra.plan.cluster.refusal import is_early, is_fixed, is_only_fixed, named, told
from infra.plan.cluster.secrets import Secrets
from infra.plan.definitions import part
from infra.plan.difference import Difference
from infra.plan.schema import PROVIDER
from infra.plan.servicer import Context, Servicer, token_of

_FORCE = "pulumi.com/patchForce"
_READY, _GONE, _EARLY = 300.0, 300.0, 30.0
"""Seconds that an object has to become ready, to go, and to find its namespace and its kind."""
_REFUSED = 5.0  # seconds until what is said against its pods counts
_INTERVAL = 0.25


class ClusterServicer(Servicer):
    """Serves the package `kubernetes` from one API server; the services `answered` for are there to be called."""

    def __init__(self, client: Client, answered: Collection[str] = ()) -> None:
        super().__init__("kubernetes")
        self.client, self._answered = client, answered
        self._published = Published(client)
        self._stopped = threading.Event()

    def problems(self, token: str, given: Mapping[str, Any]) -> list[Problem]:
        """As without a cluster, then by what the cluster publishes of the kind."""
        found = super().problems(token, given)
        if found or token.startswith(PROVIDER) or self.definitions.of(given):
            return found
        if given.get("kind") != token.rsplit(":", 1)[-1]:
            return [Problem("", f"{token} is no object of an API server")]
        structure = self._published.of(given)
        if structure is None:
            kind = f"{given.get('kind')} of {given.get('apiVersion')}"
            return [
                Problem("", f"neither the API server nor a definition before it in this program has the kind {kind}")
            ]
        return structure.problems(given)

    def differences(self, request: provider_pb2.DiffRequest) -> list[Difference]:
        """The program's own, and what in the cluster is not as an update would make it."""
        found = super().differences(request)
        if not is_known(request.news) or any(one.replaces for one in found):
            return found
        given = self._object(request.news)
        live = self.client.get(given)
        if live is None:
            return found or [Difference("metadata.name", "add", False)]
        body = _ignoring(given, live, request.ignoreChanges)
        try:
            applied = self.client.apply(body, dry_run=True, force=True)
        except RefusedError as error:
            if is_fixed(error) and found:
                return _replaced(found, error)
            # What somebody else made of it is in the way: an update says so.
            return found or [Difference("metadata.name", "update", False)]
        known = {one.path for one in found}
        others = [path for path in strayed(body, own(live), own(applied)) if path not in known]
        return sorted([*found, *(Difference(path, "update", False) for path in others)], key=lambda one: one.path)

    def Configure(self, request: provider_pb2.ConfigureRequest, context: Context) -> provider_pb2.ConfigureResponse:
        self._stopped.clear()  # an engine that ends cancels too; this is the next one
        return super().Configure(request, context)

    def Diff(self, request: provider_pb2.DiffRequest, context: Context) -> provider_pb2.DiffResponse:
        with self._telling(context, Secrets(request.news, request.old_inputs)):
            return super().Diff(request, context)

    def Check(self, request: provider_pb2.CheckRequest, context: Context) -> provider_pb2.CheckResponse:
        with self._telling(context, Secrets(request.news)):
            return super().Check(request, context)

    def Create(self, request: provider_pb2.CreateRequest, context: Context) -> provider_pb2.CreateResponse:
        secrets = Secrets(request.properties)
        with self._telling(context, secrets):
            if request.preview:
                self._try(request.properties, ())
                return super().Create(request, context)
            live, wrong = self._made(self._object(request.properties), request.timeout or _READY)
        outputs = secrets.outputs(live)
        if wrong:
            _half_done(context, id_of(live), outputs, request.properties, secrets.hide(str(wrong)))
        return provider_pb2.CreateResponse(id=id_of(live), properties=outputs)

    def Update(self, request: provider_pb2.UpdateRequest, context: Context) -> provider_pb2.UpdateResponse:
        secrets = Secrets(request.news, request.old_inputs)
        with self._telling(context, secrets):
            if request.preview:
                self._try(request.news, request.ignoreChanges)
                return super().Update(request, context)
            given = self._object(request.news)
            body = _ignoring(given, self.client.get(given), request.ignoreChanges)
            live, wrong = self._made(body, request.timeout or _READY)
        outputs = secrets.outputs(live)
        if wrong:
            _half_done(context, id_of(live), outputs, request.news, secrets.hide(str(wrong)))
        return provider_pb2.UpdateResponse(properties=outputs)

    def Read(self, request: provider_pb2.ReadRequest, context: Context) -> provider_pb2.ReadResponse:
        """The live object; of what the program gave, the live value where an update would put it right."""
        secrets = Secrets(request.inputs)
        with self._telling(context, secrets):
            live = self.client.get(identity(token_of(request.urn), request.id, request.inputs))
            if live is None or live["metadata"].get("deletionTimestamp"):
                return provider_pb2.ReadResponse()
            inputs = self._reread(request.inputs, live) if request.inputs.fields else request.inputs
        return provider_pb2.ReadResponse(id=request.id, inputs=inputs, properties=secrets.outputs(live))

    def Delete(self, request: provider_pb2.DeleteRequest, context: Context) -> empty_pb2.Empty:
        with self._telling(context, Secrets(request.old_inputs, request.properties)):
            found = identity(token_of(request.urn), request.id, request.properties)
            if live := self.client.get(found):
                self.client.delete(live)
                self._wait_gone(live, request.timeout or _GONE)
        return empty_pb2.Empty()

    def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        self._stopped.set()
        return empty_pb2.Empty()

    def _object(self, properties: struct_pb2.Struct) -> Object:
        return to_object(properties, self._answered)

    def _try(self, properties: struct_pb2.Struct, ignored: Sequence[str]) -> None:
        """Apply without effect. What needs something that is not there yet is left to its schema."""
        if not is_known(properties):
            return
        given = self._object(properties)
        try:
            live = self.client.get(given)
            self.client.apply(_ignoring(given, live, ignored), dry_run=True, force=_forces(given))
        except UnservedError:
            return
        except RefusedError as error:
            if not (is_early(error) or is_only_fixed(error)):  # what cannot be changed in place is being replaced
                raise told(error, given) from error

    def _made(self, body: Object, seconds: float) -> tuple[Object, FalajError | None]:
        """Apply and wait until it is ready; the object, and why it is not ready."""
        live = self._applied(body)
        while live["metadata"].get("deletionTimestamp"):  # a former one of that name is still going
            self._wait_gone(live, _GONE)
            live = self._applied(body)
        began, since, said = time.monotonic(), datetime.now(UTC).replace(microsecond=0), ""
        try:
            while why := ready.awaited(live, self.client):
                waited = time.monotonic() - began
                said = ready.refused(live, self.client, since) if waited > _REFUSED else ""
                if said or waited > seconds or self._stopped.wait(min(_INTERVAL + waited / 20, 2)):
                    return live, FalajError("KUBE-003", named(live), said or f"after {waited:.0f} s {why}")
                live = self.client.get(live) or self._applied(body)
        except ready.HopelessError as error:
            return live, FalajError("KUBE-003", named(live), str(error))
        return live, None

    def _applied(self, body: Object) -> Object:
        """Apply; a namespace and a kind that are being made meanwhile are waited for."""
        until = time.monotonic() + _EARLY
        while True:
            try:
                return self.client.apply(body, force=_forces(body))
            except UnservedError as error:
                wrong = FalajError("KUBE-001", named(body), str(error))
            except RefusedError as error:
                wrong = told(error, body)
                if error.status != 404:
                    raise wrong from error
            if time.monotonic() > until or self._stopped.wait(_INTERVAL):
                raise wrong

    def _wait_gone(self, former: Object, seconds: float) -> None:
        """Until it is gone, its finalizers done. Raises KUBE-004."""
        began = time.monotonic()
        while (live := self.client.get(former)) and live["metadata"]["uid"] == former["metadata"]["uid"]:
            waited = time.monotonic() - began
            if waited > seconds or self._stopped.wait(min(_INTERVAL + waited / 20, 2)):
                raise FalajError("KUBE-004", named(live), f"after {waited:.0f} s it is still there: {_held_by(live)}")

    def _reread(self, inputs: struct_pb2.Struct, live: Object) -> struct_pb2.Struct:
        try:
            applied = self.client.apply(self._object(inputs), dry_run=True, force=True)
        except RefusedError:
            return inputs
        return to_struct(reconciled(to_python(inputs), own(live), own(applied)))

    @contextmanager
    def _telling(self, context: Context, secrets: Secrets) -> Generator[None]:
        """Errors become the one line that the engine shows, without secrets."""
        try:
            yield
        except (FalajError, RefusedError) as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, secrets.hide(str(error)))


def _forces(body: Object) -> bool:
    """Whether fields are taken from other owners."""
    return part(part(body, "metadata"), "annotations").get(_FORCE) == "true"


def _ignoring(body: Object, live: Object | None, ignored: Sequence[str]) -> Object:
    for path in ignored if live else ():
        body = overlaid(body, live, path)
    return body


def _replaced(found: list[Difference], error: RefusedError) -> list[Difference]:
    """The differences with those that forbid an update marked; all of them when the server does not say which."""
    places = [one.place for one in error.causes if one.place]
    guilty: Callable[[Difference], bool] = lambda one: any(  # noqa: E731
        one.path.startswith(place) or place.startswith(one.path) for place in places
    )
    marked = [dataclasses.replace(one, replaces=guilty(one)) for one in found]
    return marked if any(one.replaces for one in marked) else [dataclasses.replace(one, replaces=True) for one in found]


def _held_by(live: Object) -> str:
    """What keeps an object from going."""
    conditions: list[Mapping[str, Any]] = part(live, "status").get("conditions") or []
    said = [str(one.get("message")) for one in conditions if one.get("type", "").endswith("Remaining")]
    finalizers: list[str] = live["metadata"].get("finalizers") or part(live, "spec").get("finalizers") or []
    return " ".join(said) or f"held by {', '.join(finalizers) or 'nothing that it names'}"


def _half_done(context: Context, id_: str, outputs: struct_pb2.Struct, inputs: struct_pb2.Struct, reason: str) -> None:
    """Tell the engine that the object is there and not ready: it keeps it in the state, and the next run goes on."""
    detail = any_pb2.Any()
    detail.Pack(provider_pb2.ErrorResourceInitFailed(id=id_, properties=outputs, inputs=inputs, reasons=[reason]))
    status = status_pb2.Status(code=code_pb2.UNKNOWN, message=reason, details=[detail])
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(grpc.StatusCode.UNKNOWN, reason)
