"""Where the project keeps its state. A leaf module: every package of the project may import it."""

import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
"""The folder of Pulumi.yaml."""


def home() -> Path:
    """The state folder: `$FALAJ_HOME`, or `.falaj` beside Pulumi.yaml."""
    return Path(os.environ.get("FALAJ_HOME") or PROJECT / ".falaj").resolve()


def stacks() -> Path:
    """The folder of the stack files: `$FALAJ_STACKS`, or `stacks` beside Pulumi.yaml."""
    return Path(os.environ.get("FALAJ_STACKS") or PROJECT / "stacks").resolve()
