"""What the set-up says while it works: on a terminal one live line, elsewhere a line when something happens."""

import shutil
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TextIO

REMINDER = 30.0
"""Seconds after which a step that is still running says so where there is no terminal."""


class Progress:
    """Thread-safe; every line starts with the seconds since the start."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self.stream = stream
        self.live = stream.isatty()
        self.begun = time.monotonic()
        self._running: dict[str, str] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> "Progress":
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._ticker.join()
        with self._lock:
            self._wipe()

    def say(self, text: str) -> None:
        """One line that stays."""
        with self._lock:
            self._wipe()
            self._line(text)

    @contextmanager
    def step(self, name: str, what: str) -> Generator[Callable[[str], None]]:
        """A step that takes a while; call what it yields with the latest state."""
        begun = time.monotonic()
        self.say(f"{name}: {what}")
        self._running[name] = what

        def update(state: str) -> None:
            self._running[name] = state

        try:
            yield update
        finally:
            last = self._running.pop(name)
        self.say(f"{name}: ready after {time.monotonic() - begun:.0f} s" + (f" ({last})" if last != what else ""))

    def _tick(self) -> None:
        while not self._stop.wait(0.5 if self.live else REMINDER):
            with self._lock:
                states = [f"{name}: {state}" for name, state in list(self._running.items())]
                if self.live:
                    self._wipe()
                    width = shutil.get_terminal_size().columns - 1
                    self.stream.write(f"{self._clock()} {' · '.join(states)}"[:width])
                    self.stream.flush()
                else:
                    for state in states:
                        self._line(state)

    def _line(self, text: str) -> None:
        self.stream.write(f"{self._clock()} {text}\n")
        self.stream.flush()

    def _wipe(self) -> None:
        if self.live:
            self.stream.write("\r\x1b[K")

    def _clock(self) -> str:
        return f"[{time.monotonic() - self.begun:4.0f} s]"
