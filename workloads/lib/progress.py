"""The events a workload reports, one JSON object a line on standard output (nothing else is ever written there)."""

import json
import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, TextIO

from infra.errors import FalajError


class Step:
    """One running step. It ends as `done` unless `skip` was called."""

    def __init__(self, name: str, out: "Progress") -> None:
        self.name = name
        self.state = "done"
        self.detail = ""
        self._out = out

    def say(self, detail: str) -> None:
        """Report where the step is."""
        self._out.event("step", step=self.name, state="progress", detail=detail)

    def done(self, detail: str) -> None:
        """What the step made, for the closing line."""
        self.detail = detail

    def skip(self, detail: str) -> None:
        """There was nothing to do."""
        self.state, self.detail = "skipped", detail


class Progress:
    """Writes events to `out`."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    @classmethod
    def on_stdout(cls) -> "Progress":
        """Take standard output for events alone; whatever libraries print goes to standard error from now on."""
        sys.stdout.flush()
        mine = os.fdopen(os.dup(1), "w", buffering=1)
        os.dup2(2, 1)
        return cls(mine)

    def event(self, kind: str, **fields: Any) -> None:
        """Write one event."""
        print(json.dumps({"event": kind, **fields}), file=self._out, flush=True)

    @contextmanager
    def step(self, name: str) -> Generator[Step]:
        """Report a step's start, end and seconds. A failed step has no end: the `error` event follows."""
        self.event("step", step=name, state="started", detail="")
        step, began = Step(name, self), time.monotonic()
        yield step
        seconds = round(time.monotonic() - began, 2)
        self.event("step", step=name, state=step.state, detail=step.detail, seconds=seconds)

    def error(self, error: FalajError) -> None:
        """Report the error that ends the run."""
        self.event("error", **error.as_dict())
