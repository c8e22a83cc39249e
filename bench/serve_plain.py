"""What the router is held against: the same scorer and schema behind FastAPI alone, and behind Serve without a plan."""

import json
import secrets
import sys
import time
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from ray import serve

from workloads.lib.platform import Platform
from workloads.lib.registry import Registry
from workloads.lib.serve.log import RequestLog, instant
from workloads.lib.serve.rollout import app
from workloads.lib.serve.schema import request_model
from workloads.lib.serve.scorer import Scorer


def parts(platform_file: str, name: str, digest: str) -> tuple[Any, Scorer, Any]:
    """(store, scorer, request type)."""
    store = Platform.load(Path(platform_file)).open_store()
    scorer = Scorer(Registry(store).load(name, digest))
    return store, scorer, request_model(scorer.described.schema_of_rows, scorer.transform.names)


def said(score: float, model: str) -> Response:
    return Response(json.dumps({"probability": score, "model": model}), media_type="application/json")


def main(platform_file: str, name: str, digest: str, port: str) -> None:
    """One uvicorn worker."""
    import uvicorn

    _, scorer, row = parts(platform_file, name, digest)
    plain = FastAPI()

    async def predict(request: Request) -> Response:
        asked = dict(row.model_validate_json(await request.body()))
        return said(scorer.score([asked])[0], scorer.model)

    plain.add_api_route("/predict", predict, methods=["POST"])
    uvicorn.run(plain, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)


api = FastAPI()


@serve.deployment
@serve.ingress(api)
class Bare:
    """An ingress that checks a row and asks one variant."""

    def __init__(self, platform_file: str, name: str, digest: str, log: bool) -> None:
        from ray.serve.handle import DeploymentHandle

        store, _, self.row = parts(platform_file, name, digest)
        self.handle = DeploymentHandle("Variant", app(name, digest))
        self.log = RequestLog(store, "bare") if log else None

    @api.post("/predict")
    async def predict(self, request: Request) -> Response:
        row = dict(self.row.model_validate_json(await request.body()))
        score, model, _ = await self.handle.remote(row)
        if self.log:
            request_id = secrets.token_hex(16)
            self.log.append({"request": request_id, "at": instant(time.time()), "arm": "bare", "prediction": score})
        return said(score, model)


if __name__ == "__main__":
    main(*sys.argv[1:])
