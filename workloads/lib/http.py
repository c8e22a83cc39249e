"""JSON over HTTP to the platform's own servers on this machine; no proxy ever comes in between."""

import http.client
import json
import urllib.error
import urllib.request
from typing import Any

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class NoAnswer(Exception):  # noqa: N818 - callers turn it into their own FalajError
    """Nobody answers there, or not in time."""


def call(url: str, body: Any = None, *, seconds: float = 20) -> tuple[int, Any]:
    """(status, parsed JSON) of a GET, or a POST when there is a body; an answer that is no JSON comes as text."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - our own http URLs
    try:
        with _OPENER.open(request, timeout=seconds) as response:
            return response.status, _parsed(response.read())
    except urllib.error.HTTPError as error:
        return error.code, _parsed(error.read())
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(str(getattr(error, "reason", error))) from error


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return data.decode(errors="replace")[:200]
