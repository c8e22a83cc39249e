"""Tell people: messages go through a sealed outbox to every channel, each until it took them.

outbox = Outbox(store, Channels.load(file))
outbox.put(Message.of(stack, name, alarm))     # on the disk; the same news again is none
outbox.deliver()                               # now, and with every later call what is left
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from infra.errors import FalajError
from workloads.lib.fingerprint import canonical
from workloads.lib.lock import held
from workloads.lib.monitor.channel import Refused
from workloads.lib.monitor.mail import Mail
from workloads.lib.monitor.message import Message
from workloads.lib.monitor.webhook import Webhook
from workloads.lib.object_store import ObjectStore

Send = Callable[[Message], None]
WAITING, TOLD = "messages/waiting", "messages/told"


class Channels(BaseModel):
    """Who is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    webhook: Webhook | None = None
    mail: Mail | None = None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Of a YAML file with those two. INC-008 names the first thing wrong with it; no secret is ever in it."""
        try:
            made = cls.model_validate(yaml.safe_load(path.read_text()) or {})
        except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
            raise FalajError("INC-008", path.name, f"it cannot be read: {type(error).__name__}") from error
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the file"
            raise FalajError("INC-008", path.name, f"{where}: {first['msg']}") from error
        for channel in (made.webhook, made.mail):
            if channel:
                channel.checked()
        return made

    def senders(self) -> dict[str, Send]:
        """How each receiver is reached, by a name for it. Every address is one: none waits for another."""
        found: dict[str, Send] = {"webhook": self.webhook.send} if self.webhook else {}
        if self.mail:
            found |= {f"mail {to}": partial(self.mail.send, to=to) for to in self.mail.to}
        return found


@dataclass(frozen=True)
class Delivery:
    """What came of it."""

    sent: int
    """Messages that a receiver took, counted by receiver."""
    waiting: int
    """Messages that a receiver is still to take."""
    errors: dict[str, str] = field(default_factory=dict[str, str])
    """Receiver to why it took none."""


@dataclass(frozen=True)
class Outbox:
    """The messages of a store."""

    store: ObjectStore
    channels: Channels
    pauses: Sequence[float] = (0.5, 2.0)
    """Seconds before each further try of one delivery."""

    def put(self, message: Message) -> bool:
        """Keep it until everybody was told; False when it is there, or was told, already."""
        with held(self.store, WAITING):
            if any(self.store.exists(f"{where}/{message.id}") for where in (WAITING, TOLD)):
                return False
            self._keep(message, list(self.channels.senders()))
            return True

    def deliver(self) -> Delivery:
        """Send what waits, the oldest news first. A receiver that takes one not is left alone until the next call.

        At least once: what was sent when this was killed is sent again, with the same id.
        """
        sent, errors = 0, dict[str, str]()
        senders = self.channels.senders()
        with held(self.store, "messages/deliver"):  # a lock of its own: who puts one does not wait for receivers
            for message, left in self._waiting():
                remains = [name for name in left if name in senders]
                for name in [name for name in remains if name not in errors]:
                    try:
                        self._send(senders[name], message)
                    except FalajError as error:
                        errors[name] = str(error)
                    else:
                        sent += 1
                        remains.remove(name)
                        self._keep(message, remains)
                if not remains:
                    self._told(message)
            return Delivery(sent, len(self.store.names(f"{WAITING}/")), errors)

    def _send(self, send: Send, message: Message) -> None:
        for pause in self.pauses:
            try:
                return send(message)
            except Refused:
                raise
            except FalajError as error:
                if error.code != "INC-007":
                    raise
                time.sleep(pause)
        return send(message)

    def _waiting(self) -> list[tuple[Message, list[str]]]:
        found: list[dict[str, Any]] = [json.loads(self.store.get(name)) for name in self.store.names(f"{WAITING}/")]
        messages = [(Message.model_validate(one["message"]), one["left"]) for one in found]
        return sorted(messages, key=lambda pair: (pair[0].since, pair[0].id))

    def _keep(self, message: Message, left: list[str]) -> None:
        kept = canonical({"message": message.model_dump(mode="json"), "left": left})
        self.store.put(f"{WAITING}/{message.id}", kept)

    def _told(self, message: Message) -> None:
        """It stays on record, so that the same news is none."""
        self.store.put(f"{TOLD}/{message.id}", canonical(message.model_dump(mode="json")))
        self.store.delete(f"{WAITING}/{message.id}")
