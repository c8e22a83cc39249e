# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUntypedClassDecorator=false
"""The HTTP application: one registered model, verified as it is loaded, on Ray Serve.

Imported by Serve's replicas; the driver imports it only to deploy.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import torch
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from ray import serve

from infra.errors import FalajError
from workloads.employment.person import Person
from workloads.lib import loopback
from workloads.lib.features.transform import Transform
from workloads.lib.lifecycle.score import network_of, score
from workloads.lib.platform import Platform
from workloads.lib.registry import Registry


class Prediction(BaseModel):
    """The answer: the probability of being employed, and the digest of the model that says so."""

    probability: float
    model: str


api = FastAPI(title="employment", description="Probability that a person is employed.")


@api.middleware("http")
async def root(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """Answer `/employment` itself, where the framework would redirect to `/employment/`."""
    if request.scope["path"] == request.scope["root_path"]:
        request.scope["path"] += "/"
    return await answer(request)


@api.exception_handler(RequestValidationError)
async def refuse(request: Request, error: Exception) -> JSONResponse:
    """422 with the first thing wrong, in one line."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(part for part in first["loc"][1:] if isinstance(part, str)) or "body"
    found = "" if first["type"] in ("missing", "json_invalid") else f", found {str(first['input'])[:40]}"
    refused = FalajError("WRK-017", f"{request.method} {request.url.path}", f"{where}: {first['msg']}{found}")
    return JSONResponse({"detail": str(refused)}, status_code=422)


@serve.deployment(ray_actor_options={"num_cpus": 0}, max_ongoing_requests=32)
@serve.ingress(api)
class Endpoint:
    """One verified model. Asks Ray for no core of its own, so that a training run can still have all of them."""

    def __init__(self, platform_file: str, digest: str, decision: str) -> None:
        platform = Platform.load(Path(platform_file))
        loopback.stay(platform)
        torch.set_num_threads(1)
        self.model = Registry(platform.open_store()).load("employment", digest)
        self.transform = Transform.model_validate(self.model.json("transform.json"))
        self.network = network_of(self.model)
        self.decision = decision

    @api.get("/")
    async def describe(self) -> dict[str, Any]:
        """What is served: model digest, its metrics, and the gate decision that released it."""
        evaluation = self.model.json("card.json")["quality"]
        return {"model": self.model.digest, "decision": self.decision, "evaluation": evaluation}

    @api.post("/predict")
    async def predict(self, person: Person) -> Prediction:  # pyright: ignore[reportInvalidTypeForm, reportUnknownParameterType]
        """The probability that this person is employed."""
        inputs = self.transform.encode({name: [code] for name, code in person.model_dump().items()})
        return Prediction(probability=score(self.network, "classification", inputs).item(), model=self.model.digest)
