"""Messages by webhook: a POST of JSON, signed with a shared secret. No redirect is followed: it may lead abroad."""

import hashlib
import hmac
import http.client
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from infra.errors import FalajError
from workloads.lib.monitor.channel import Refused, loopback, secret
from workloads.lib.monitor.message import Message

SIGNATURE, ID = "X-Falaj-Signature", "X-Falaj-Message"
"""`sha256=` and the body's HMAC-SHA256 in hexadecimal; the message's id, by which a receiver knows a repeat."""
AGAIN = frozenset({408, 425, 429})
"""Client errors that may pass by themselves."""


class Webhook(BaseModel):
    """Where messages are posted to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    secret_file: Path | None = None
    seconds: float = Field(default=10, gt=0)

    def checked(self) -> Self:
        """INC-008 for an address that is none, or plain HTTP to another machine."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise FalajError("INC-008", "webhook", f"{parts.scheme or 'nothing'}:// is no address of a web server")
        if parts.scheme == "http" and not loopback(parts.hostname):
            raise FalajError("INC-008", "webhook", f"{parts.hostname} would be sent plain text; use https")
        return self

    def send(self, message: Message) -> None:
        """Post it. INC-007 when the receiver is down; Refused (an INC-007) when asking again is of no use now."""
        body = message.model_dump_json().encode()
        headers = {"Content-Type": "application/json", ID: message.id}
        if self.secret_file:
            signed = hmac.new(secret(self.secret_file), body, hashlib.sha256)
            headers[SIGNATURE] = f"sha256={signed.hexdigest()}"
        request = urllib.request.Request(self.checked().url, body, headers)  # noqa: S310 - http and https only
        host = urlsplit(self.url).hostname  # the address may hold a token
        try:
            with _OPENER.open(request, timeout=self.seconds):
                return
        except urllib.error.HTTPError as error:
            kind = Refused if error.code < 500 and error.code not in AGAIN else FalajError
            raise kind("INC-007", f"webhook {host}", f"it answered {error.code}") from error
        except (OSError, http.client.HTTPException) as error:
            told = getattr(error, "reason", None) or type(error).__name__
            raise FalajError("INC-007", f"webhook {host}", f"it does not answer: {told}") from error


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)
