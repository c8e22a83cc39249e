"""A question to the cloud, and what its answer means."""

import shlex
from collections.abc import Callable
from dataclasses import dataclass

from infra.cli.check import Check
from infra.cli.preflight.aws_cli import Answer, AwsCli, MissingError, UnaskedError

Verdict = tuple[str, bool, str]
"""What was found, whether it is well, and the fix when it is not."""


@dataclass(frozen=True)
class Question:
    """One line of the preflight."""

    name: str
    wanted: str
    ask: tuple[str, ...]
    """Arguments of the `aws` command."""
    judge: Callable[[Answer], Verdict]
    fix: str
    """When there is no such thing."""
    unknown: str = ""
    """What the catalogue does not know, if the answer is to tell it."""

    def put(self, cloud: AwsCli, *, unasked: bool) -> Check:
        """Ask, unless it is known that nobody can."""
        if unasked:
            return self._left(cloud, "")
        try:
            found, ok, fix = self.judge(cloud.ask(*self.ask))
        except UnaskedError as error:
            return self._left(cloud, f": {error}")
        except MissingError as error:
            return Check(self.name, self.wanted, f"not there: {error}", False, self.fix)
        except (LookupError, TypeError, ValueError) as error:
            found = f"an answer of an unknown shape: {type(error).__name__} {error}"
            return Check(self.name, self.wanted, found, False, "Update the `aws` command")
        return Check(self.name, self.wanted, found, ok, "" if ok else fix)

    def _left(self, cloud: AwsCli, reason: str) -> Check:
        first = f"unknown, to be asked online ({self.unknown})" if self.unknown else "not asked"
        command = shlex.join(cloud.command(self.ask))
        return Check(self.name, self.wanted, f"{first}{reason}; ask with `{command}`", True, asked=False)
