# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUntypedClassDecorator=false, reportUnknownParameterType=false
"""The router: the endpoint's ingress. Checks a request, has the plan's arms answer it, and logs what was said.

The plan is Serve's `user_config`: it is exchanged in running replicas. Imported by Serve's replicas; the driver imports
it only to deploy.
"""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from pydantic import ValidationError
from ray import serve
from ray.exceptions import RayActorError
from ray.serve.exceptions import BackPressureError, DeploymentUnavailableError, ReplicaUnavailableError
from ray.serve.handle import DeploymentHandle
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.errors import FalajError
from workloads.lib import loopback
from workloads.lib.features.definition import FeatureView
from workloads.lib.features.opened import opened
from workloads.lib.platform import Platform
from workloads.lib.registry import Registry
from workloads.lib.serve import assign
from workloads.lib.serve.described import FILE, TRANSFORM, Described
from workloads.lib.serve.dispatcher import ARM, SUBJECT, Asked, Busy, Dispatcher
from workloads.lib.serve.log import RequestLog
from workloads.lib.serve.lookup import AT, Lookup
from workloads.lib.serve.plan import Arm, Plan
from workloads.lib.serve.rollout import app
from workloads.lib.serve.scale import RETRY_AFTER
from workloads.lib.serve.schema import refusal, request_model

STATUS = {"WRK-017": 422, "SRV-003": 422, "SRV-004": 403, "SRV-005": 503, "SRV-006": 503, "FEA-007": 503}
"""500 where an error is not among them."""
GONE = (RayActorError, ReplicaUnavailableError, DeploymentUnavailableError)
"""A replica died with the request: a prediction changes nothing, so another replica is asked."""


class Root:
    """Answers `/name` itself, where the framework would redirect to `/name/`."""

    def __init__(self, application: ASGIApp) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == scope.get("root_path"):
            scope = {**scope, "path": f"{scope['path']}/"}
        await self.application(scope, receive, send)


api = FastAPI(openapi_url=None)  # its pages load scripts from abroad
api.add_middleware(Root)


def refuse(error: FalajError) -> Response:
    """The error as JSON in one line. (Above the class: Serve pickles its routes as they are when it is defined.)"""
    status = STATUS.get(error.code, 500)
    headers = {"Retry-After": str(RETRY_AFTER)} if status == 503 else {}
    return Response(json.dumps({"detail": str(error)}), status, headers, "application/json")


@serve.deployment(name="Router")
@serve.ingress(api)
class Router:
    """One endpoint."""

    def __init__(
        self,
        platform_file: str,
        name: str,
        place: str = "",
        handles: dict[str, DeploymentHandle[Any]] | None = None,
    ) -> None:
        """name: of the models. place: under what it logs, when that is another name.

        handles: of models in this application, by digest; others are applications of their own.
        """
        platform = Platform.load(Path(platform_file))
        loopback.stay(platform)
        self.platform, self.name, self.store = platform, name, platform.open_store()
        self.log = RequestLog(self.store, place or name)
        self.dispatcher: Dispatcher | None = None
        self.handles = handles or {}

    def reconfigure(self, plan: dict[str, Any]) -> None:
        """Follow another plan from the next request on. SRV-002 when a model of it is no entry that can be served."""
        new = Plan.model_validate(plan)
        registry = Registry(self.store)
        models = [registry.load(self.name, digest) for digest in new.models()]
        described = [Described.model_validate(model.json(FILE)) for model in models]
        self.task, table = described[0].task, described[0].schema_of_rows
        names = [part["name"] for model in models for parts in model.json(TRANSFORM).values() for part in parts]
        self.row = request_model(table, [*names, *new.logged])
        views = [FeatureView.model_validate(view) for one in described for view in one.views]
        self.lookup = Lookup(opened(self.platform, self.store) if views else None, views)
        self.handles |= {
            d: DeploymentHandle("Variant", app(self.name, d)) for d in new.models() if d not in self.handles
        }
        if self.dispatcher is None:
            self.dispatcher = Dispatcher(new, assign.key(self.store), self.log, self._ask)
        self.dispatcher.plan = new
        self.handles = {digest: self.handles[digest] for digest in new.models()}

    @api.get("/")
    async def describe(self) -> dict[str, Any]:
        """The champion's digest, the gate's decision that allows it, the plan, and how the log is."""
        dispatcher = self._ready()
        champion = dispatcher.plan.champion
        refused = str(self.log.refused) if self.log.refused else None
        log = {"written": self.log.written, "refused": refused, "shadows_dropped": dispatcher.dropped}
        told = {"model": champion.model, "decision": champion.decision, "log": log}
        return {**told, "plan": dispatcher.plan.model_dump(mode="json")}

    @api.get("/openapi.json")
    async def openapi(self) -> dict[str, Any]:
        """What a request must be."""
        found = get_openapi(title=self.name, version=self._ready().plan.digest, routes=api.routes)
        content = {"application/json": {"schema": self.row.model_json_schema()}}
        found["paths"]["/predict"]["post"]["requestBody"] = {"required": True, "content": content}
        return found

    @api.post("/predict")
    async def predict(self, request: Request) -> Response:
        """The prediction for a row, with the digest of the model that says so."""
        try:
            asked = Asked(
                row=await self._row(await request.body(), request),
                subject=request.headers.get(SUBJECT),
                arm=request.headers.get(ARM),
            )
            found = await self._ready().answer(asked)
        except FalajError as error:
            return refuse(error)
        said = "probability" if self.task == "classification" else "value"
        told = {said: found.prediction, "model": found.model, "arm": found.arm, "request": found.request}
        return Response(json.dumps(told), media_type="application/json")

    def __del__(self) -> None:
        """Serve calls it when it stops a replica, after the last request."""
        if log := getattr(self, "log", None):
            log.close()

    async def _row(self, body: bytes, request: Request) -> dict[str, Any]:
        try:
            row = self.row.model_validate_json(body)
        except ValidationError as error:
            fix = f"Correct the field; /{self.name}/openapi.json describes them all."
            raise FalajError("WRK-017", f"POST {request.url.path}", refusal(error), fix) from None
        if not self.lookup.wanted(row):
            return dict(row)
        return dict(row) | await asyncio.to_thread(self.lookup.read, row, request.headers.get(AT))

    def _ready(self) -> Dispatcher:
        assert self.dispatcher is not None  # Serve calls `reconfigure` before the first request
        return self.dispatcher

    async def _ask(self, arm: Arm, row: Mapping[str, Any]) -> tuple[float, str, str]:
        handle = self.handles.get(arm.model) or DeploymentHandle("Variant", app(self.name, arm.model))
        try:
            try:
                return await handle.remote(row)
            except GONE:
                return await handle.remote(row)
        except BackPressureError as error:
            raise Busy(error.message) from None
