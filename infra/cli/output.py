"""What commands print: for a person by default, one JSON document with `--json`; errors in one line each."""

import errno
import json
import sys
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.text import Text

from infra.errors import Exit, FalajError

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def emit(document: dict[str, Any]) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(document, indent=2, sort_keys=True) + "\n")


def guarded(as_json: bool, command: Callable[[], int]) -> int:
    """Run a command; an error becomes its one line (or JSON document) and its exit code."""
    try:
        return command()
    except FalajError as error:
        failure = error
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        code = "RUN-004" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "RUN-008"
        failure = FalajError(code, str(error.filename or "a file"), str(error.strerror or error))
    if as_json:
        emit({"ok": False, "error": failure.as_dict()})
    else:
        err.print(Text("✗ ", style="bold red"), Text(str(failure)), sep="")
    return int(failure.entry.exit)


def done(text: str, seconds: float | None = None) -> None:
    """A line for something finished."""
    took = Text(f"  {seconds:.1f} s", style="dim") if seconds is not None else Text("")
    out.print(Text("✓ ", style="green"), Text(text), took, sep="")


def title(text: str) -> None:
    """A line that opens a part."""
    out.print(Text(text, style="bold"))


OK = int(Exit.OK)
