# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
"""The online store on Redis or Valkey: for many machines. TLS only.

A key's row is the one member of a sorted set, all scores 0, so that members are in the order of their bytes: event,
known, instant of writing, sealed values. Adding a member and then dropping all but the last is the whole update, atomic
as a transaction, needs no script, and comes out the same in whatever order writers do it. Names begin with `features:`.
"""

import ssl
import struct
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.errors import FalajError
from workloads.lib.features.definition import FeatureView
from workloads.lib.features.online import Online, Sealed

_HEAD = struct.Struct(">QQQ")
_SHIFT = 1 << 63
"""Added to a signed instant, so that the order of its bytes is its own."""
WAIT_SECONDS = 5


@dataclass(frozen=True)
class RedisStore(Online):
    """The server at `host:port`. FEA-007 when it is not there, refuses, or shows a certificate that is not trusted."""

    host: str
    port: int
    user: str
    password_file: Path | None = None
    authority: Path | None = None
    """PEM file of who signed the server's certificate; the machine's own list by default."""
    credentials: Any = None
    """A `redis.CredentialProvider`, where passwords are short-lived tokens (IAM), in place of the password file."""
    _client: list[Any] = field(default_factory=list[Any], init=False, repr=False, compare=False)

    def mark(self, view: FeatureView, mark: str) -> None:
        """Remember how far the view is materialised."""
        with self._connected() as client:
            client.set(_mark(view), mark)

    def marked(self, view: FeatureView) -> str | None:
        """What `mark` was given last."""
        with self._connected() as client:
            found = client.get(_mark(view))
            return found.decode() if found else None

    def _write(self, view: FeatureView, rows: list[Sealed]) -> None:
        with self._connected() as client, client.pipeline(transaction=True) as batch:
            for row in rows:
                name = _name(view, row.name)
                batch.zadd(name, {_member(row): 0})
                batch.zremrangebyrank(name, 0, -2)
            batch.execute()

    def _read(self, view: FeatureView, names: list[bytes]) -> list[Sealed | None]:
        with self._connected() as client, client.pipeline(transaction=False) as batch:
            for name in names:
                batch.zrange(_name(view, name), -1, -1)
            return [
                _row(name, members[0]) if members else None
                for name, members in zip(names, batch.execute(), strict=True)
            ]

    def _forget(self, view: FeatureView, names: list[bytes]) -> None:
        if not names:
            return
        with self._connected() as client:
            client.delete(*(_name(view, name) for name in names))

    def _sweep(self, view: FeatureView, before: int) -> None:
        older = b"(" + struct.pack(">Q", max(0, before + _SHIFT))
        with self._connected() as client:
            for name in client.scan_iter(match=_name(view, b"") + "*", count=1000):
                client.zremrangebylex(name, "-", older)

    @contextmanager
    def _connected(self) -> Generator[Any]:
        import redis

        try:
            yield self._connect()
        except (redis.RedisError, OSError) as error:
            raise FalajError(
                "FEA-007", f"redis at {self.host}:{self.port}", f"{type(error).__name__}: {error}"
            ) from error

    def _connect(self) -> Any:
        """The client, made on first use; it keeps a pool of connections."""
        import redis
        from redis.backoff import ExponentialBackoff
        from redis.retry import Retry

        if not self._client:
            known = self.credentials or redis.UsernamePasswordCredentialProvider(
                self.user, self.password_file.read_text().strip() if self.password_file else None
            )
            client = redis.Redis(
                host=self.host,
                port=self.port,
                credential_provider=known,
                ssl=True,
                ssl_ca_certs=str(self.authority) if self.authority else None,
                ssl_check_hostname=True,
                ssl_min_version=ssl.TLSVersion.TLSv1_2,
                socket_timeout=WAIT_SECONDS,
                socket_connect_timeout=WAIT_SECONDS,
                retry=Retry(ExponentialBackoff(base=0.05, cap=0.5), retries=2),
            )
            self._client.append(client)
        return self._client[0]


def _name(view: FeatureView, name: bytes) -> str:
    return f"features:{view.digest.removeprefix('sha256:')}:{name.hex()}"


def _mark(view: FeatureView) -> str:
    return f"features:mark:{view.digest.removeprefix('sha256:')}"


def _member(row: Sealed) -> bytes:
    return _HEAD.pack(row.event + _SHIFT, row.known + _SHIFT, time.time_ns()) + row.values


def _row(name: bytes, member: bytes) -> Sealed:
    event, known, _ = _HEAD.unpack_from(member)
    return Sealed(name, event - _SHIFT, known - _SHIFT, member[_HEAD.size :])
