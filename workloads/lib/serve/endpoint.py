# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""Put an application on the platform's Ray Serve, and ask what is there."""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from infra.errors import FalajError
from workloads.lib import http
from workloads.lib.platform import Platform
from workloads.lib.ray_client import connected, listening

ATTEMPTS = 20
"""How often `ask` tries, half a second apart."""


def url(platform: Platform, route: str) -> str:
    """The address of a route, `/name`."""
    return f"http://{platform.ray.serve.host}:{platform.ray.serve.port}{route}"


def served(platform: Platform, route: str) -> str | None:
    """Digest of the model that `route` says it serves; None when nobody, or somebody else, answers."""
    try:
        status, answer = http.call(url(platform, route), seconds=5)
    except http.NoAnswer:
        return None
    return answer.get("model") if status == 200 and isinstance(answer, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def ask(url: str, body: Any, model: str) -> dict[str, Any]:
    """The endpoint's answer, which must come from `model`; an older replica may still answer for a moment. WRK-016."""
    found = ""
    for _ in range(ATTEMPTS):
        try:
            status, answer = http.call(url, body)
        except http.NoAnswer as error:
            found = f"nothing: {error}"
        else:
            if status == 200 and isinstance(answer, dict) and answer.get("model") == model:
                return answer
            found = f"{status} {str(answer)[:200]}"
        time.sleep(0.5)
    raise FalajError("WRK-016", url, f"it answered {found}, expected model {model}")


def deploy(platform: Platform, name: str, application: Any) -> None:
    """Run `application` (of ray.serve) at `/name`, replacing an older one once the new one is healthy.

    WRK-013 when another program holds the port, WRK-014 when the application does not start.
    """
    with running(platform) as serve:
        start(serve, application, name, f"/{name}")


@contextmanager
def running(platform: Platform) -> Generator[Any]:
    """`ray.serve`, listening where the platform says. WRK-007, WRK-013."""
    os.environ["RAY_SERVE_ENABLE_HA_PROXY"] = "0"  # it would listen on every interface
    place = platform.ray.serve
    with connected(platform):
        from ray import serve

        if not serve.status().proxies and listening(f"{place.host}:{place.port}"):
            raise FalajError(
                "WRK-013", f"{place.host}:{place.port}", "another program answers on the port of Ray Serve"
            )
        try:
            serve.start(proxy_location="HeadOnly", http_options={"host": place.host, "port": place.port})
        except Exception as error:
            raise _broke("Ray Serve", error) from error
        yield serve


def start(serve: Any, application: Any, name: str, route: str | None) -> None:
    """Run the application and wait until it is healthy. WRK-014."""
    try:
        serve.run(application, name=name, route_prefix=route)
    except Exception as error:  # whatever the application or Serve raised: it does not run
        raise _broke(f"Serve application {name}", error) from error


def _broke(what: str, error: Exception) -> FalajError:
    return FalajError("WRK-014", what, f"it did not start: {type(error).__name__}: {str(error).splitlines()[0]}")
