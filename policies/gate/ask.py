"""One question to OPA over opa-python-client. Every way it can fail has its code; silence is never a yes."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from opa_client.opa import OpaClient
from pydantic import ValidationError

from infra.errors import FalajError
from policies.gate import opa


class _Client(OpaClient):
    """Talks to the address given and to nothing else: a proxy variable or a .netrc must not come in between."""

    def _init_session(self) -> requests.Session:
        session: requests.Session = super()._init_session()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        session.trust_env = False
        return session  # pyright: ignore[reportUnknownVariableType]


class Opa:
    """One OPA, of which one bundle is expected. Thread-safe."""

    def __init__(self, url: str, token: str, bundle_digest: str, timeout: float) -> None:
        address = urlsplit(url)
        if address.scheme != "http" or address.hostname is None or address.port is None:
            raise FalajError("GATE-005", url, "the decision server's URL is not http://host:port")
        self.url = url
        self.digest = bundle_digest
        self.engine = ""
        self._client = _Client(host=address.hostname, port=address.port, token=token, retries=0, timeout=timeout)

    def close(self) -> None:
        """Close the connections."""
        self._client.close_connection()

    def query(self, path: str, body: Mapping[str, Any]) -> tuple[Any, str]:
        """(result, revision) of data.falaj.<path>; every way a query can fail has its code."""
        # Typed as bool there, but urlencode would send `True`, which OPA reads as no.
        options = cast("dict[str, bool]", {"provenance": "true", "strict-builtin-errors": "true"})
        try:
            response = cast(Any, self._client.query_rule(dict(body), f"falaj/{path}", query_params=options))  # pyright: ignore[reportUnknownMemberType]
        except requests.Timeout as error:
            seconds = self._client.timeout
            raise FalajError("GATE-006", self.url, f"opa gave no answer within {seconds:g} s") from error
        except requests.HTTPError as error:
            raise self._refused(error) from error
        except requests.JSONDecodeError as error:
            raise FalajError("GATE-008", self.url, "the answer is no JSON") from error
        except requests.RequestException as error:
            raise FalajError("GATE-005", self.url, f"opa does not answer: {type(error).__name__}") from error
        except (ValueError, TypeError, RecursionError) as error:
            raise FalajError("GATE-013", path, f"the question is not plain JSON: {error}") from error
        if not isinstance(response, dict):
            raise FalajError("GATE-008", self.url, f"the answer is a {type(response).__name__}, not an object")
        answer = cast("dict[str, Any]", response)
        revision = self._provenance(answer)
        if "result" not in answer:
            raise FalajError("GATE-007", self.url, f"data.falaj.{path.replace('/', '.')} is undefined")
        return answer["result"], revision

    def _provenance(self, response: Mapping[str, Any]) -> str:
        try:
            provenance = response["provenance"]
            self.engine = f"opa {provenance['version']}"
            revisions = {str(item["revision"]) for item in provenance.get("bundles", {}).values()}
        except (KeyError, TypeError, AttributeError) as error:
            raise FalajError("GATE-008", self.url, "the answer states no version or no bundle") from error
        opa.require_version(str(provenance["version"]), self.url)
        if revisions != {self.digest}:
            stated = ", ".join(sorted(revisions)) or "no bundle"
            raise FalajError("GATE-009", self.url, f"opa serves {stated}, expected {self.digest}")
        return self.digest

    def _refused(self, error: requests.HTTPError) -> FalajError:
        response = cast("requests.Response", error.response)
        status = response.status_code
        if status in (401, 403):
            return FalajError("GATE-012", self.url, f"opa answered {status} to our token")
        try:
            body: dict[str, Any] = response.json()
            detail = "; ".join(
                f"{item.get('message')} ({item.get('location', {}).get('file')}:{item.get('location', {}).get('row')})"
                for item in body.get("errors", [])
            )
            detail = detail or str(body.get("message", ""))
        except (ValueError, AttributeError):
            detail = "no JSON"
        return FalajError("GATE-011", self.url, f"opa answered {status}: {detail[:500]}")


def summary(error: ValidationError) -> str:
    """The first errors, without the values: a value may be a secret."""
    details = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors(include_input=False)[:3]]
    return f"{error.error_count()} errors: {'; '.join(details)}"
