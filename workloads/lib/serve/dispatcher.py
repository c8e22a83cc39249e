"""The dispatcher: from a request to its answer by the plan, with the log record that goes with it. Knows no Serve."""

import asyncio
import math
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.errors import FalajError
from workloads.lib.serve import assign
from workloads.lib.serve.assign import Assignment
from workloads.lib.serve.log import Record, RequestLog, instant
from workloads.lib.serve.plan import Arm, Plan

SUBJECT, ARM = "falaj-subject", "falaj-arm"
"""Headers: whose request it is (without it, each request is drawn anew), and the arm asked for."""
SECONDS = 10.0
"""How long an arm may take for an answer."""
SHADOW_SECONDS = 5.0
SHADOWS = 64
"""Copies on their way at once; what comes in while there are so many is not copied."""
Row = Mapping[str, Any]
Ask = Callable[[Arm, Row], Awaitable[tuple[float, str, str]]]
"""(prediction, digest of the model, version of its features) of an arm."""


class Busy(Exception):  # noqa: N818 - an arm's queue is full; it has not failed
    """The arm has no room; try again."""


@dataclass(frozen=True)
class Asked:
    """A request: its row, whose it is (None: nobody's), and the arm it names, if any."""

    row: Row
    subject: str | None = None
    arm: str | None = None


@dataclass(frozen=True)
class Answered:
    """What the client is told."""

    request: str
    prediction: float
    model: str
    arm: str


class Dispatcher:
    """Requests by the plan. The plan may be exchanged at any time: each request follows the one it began with."""

    def __init__(self, plan: Plan, key: bytes, log: RequestLog, ask: Ask, seconds: float = SECONDS) -> None:
        self.plan, self.key, self.log, self.ask, self.seconds = plan, key, log, ask, seconds
        self.copies: set[asyncio.Task[None]] = set()
        self.dropped = 0
        """Copies for shadows that were not made, or came too late for the log."""

    async def answer(self, asked: Asked) -> Answered:
        """The answer, logged. A newer arm that fails is logged, and the champion answers in its place.

        SRV-003 an arm that is not there, SRV-004 naming one is not allowed, SRV-005 no room to log it, SRV-006 every
        replica is busy, SRV-007 the champion failed.
        """
        if self.log.full:
            raise FalajError("SRV-005", f"request log {self.log.name}", f"{self.log.limit} records wait for the store")
        plan, request = self.plan, secrets.token_hex(16)
        chosen = self._assigned(plan, asked, request)
        arm = plan.arm(chosen.arm)
        found, error = await self._try(plan, request, asked, arm, chosen)
        self._copy_to_shadows(plan, request, asked)
        if found is None and arm != plan.champion:
            fallback = Assignment(plan.champion.name, exposed=False, reason="fallback")
            found, error = await self._try(plan, request, asked, plan.champion, fallback)
        if found is None:
            raise FalajError("SRV-007", f"arm {plan.champion.name}", error)
        return found

    def _assigned(self, plan: Plan, asked: Asked, request: str) -> Assignment:
        if asked.arm is not None:
            if not plan.override:
                raise FalajError("SRV-004", f"arm {asked.arm[:40]!r}", "the plan lets no request name its arm")
            return Assignment(plan.arm(asked.arm).name, exposed=False, reason="override")
        return assign.assign(self.key, plan, request if asked.subject is None else asked.subject)

    async def _try(
        self, plan: Plan, request: str, asked: Asked, arm: Arm, chosen: Assignment
    ) -> tuple[Answered | None, str]:
        """(the arm's answer, or None and why), logged either way. SRV-006 when it has no room: that is no failure."""
        record = self._record(plan, request, asked, arm)
        record |= {"exposed": chosen.exposed, "reason": chosen.reason}
        found, error = await self._ask(arm, asked.row, self.seconds, record)
        self.log.append(record)
        return (Answered(request, found, record["model"], arm.name) if found is not None else None), error

    async def _ask(self, arm: Arm, row: Row, seconds: float, record: Record) -> tuple[float | None, str]:
        """(prediction or None, why none); fills the record in."""
        began, error = time.perf_counter(), ""
        try:
            async with asyncio.timeout(seconds):
                prediction, record["model"], record["features"] = await self.ask(arm, row)
            if math.isfinite(prediction):
                record["prediction"] = prediction
            else:
                error = "no number"
        except Busy as busy:
            raise FalajError("SRV-006", f"arm {arm.name}", str(busy)) from None
        except TimeoutError:
            error = f"no answer in {seconds} s"
        except Exception as raised:  # noqa: BLE001 - whatever a model raises, the request must still be answered
            error = f"{type(raised).__name__}: {(str(raised).splitlines() or [''])[0]}"[:200]
        record["latency_ms"] = round((time.perf_counter() - began) * 1000, 3)
        record["error"] = error or None
        return record["prediction"], error

    def _copy_to_shadows(self, plan: Plan, request: str, asked: Asked) -> None:
        for arm in plan.shadows:
            if len(self.copies) >= SHADOWS:
                self.dropped += 1
                continue
            task = asyncio.get_running_loop().create_task(self._copy(plan, request, asked, arm))
            self.copies.add(task)
            task.add_done_callback(self.copies.discard)

    async def _copy(self, plan: Plan, request: str, asked: Asked, arm: Arm) -> None:
        record = self._record(plan, request, asked, arm)
        record |= {"exposed": False, "reason": "shadow"}
        try:
            await self._ask(arm, asked.row, SHADOW_SECONDS, record)
            self.log.append(record)
        except FalajError:  # no room at the arm or in the log: a copy matters to nobody's answer
            self.dropped += 1

    def _record(self, plan: Plan, request: str, asked: Asked, arm: Arm) -> Record:
        record: Record = {
            "request": request,
            "at": instant(time.time()),
            "subject": None if asked.subject is None else assign.pseudonym(self.key, asked.subject),
            "experiment": plan.experiment,
            "stage": plan.stage,
            "arm": arm.name,
            "model": arm.model,
            "features": None,
            "prediction": None,
        }
        if plan.logged:
            record["row"] = {name: _plain(asked.row.get(name)) for name in plan.logged}
        return record


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float | str) or value is None else value.isoformat()
