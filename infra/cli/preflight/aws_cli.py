"""The `aws` command, with whatever credentials its user has given it. Only what reads is ever asked."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

SECONDS = 60
Answer = dict[str, Any]


class UnaskedError(Exception):
    """The cloud gave no answer: the reason, in one line."""


class MissingError(Exception):
    """The cloud says that there is no such thing."""


@dataclass(frozen=True)
class AwsCli:
    """The command, for one region."""

    region: str

    def command(self, question: tuple[str, ...]) -> list[str]:
        """What is run; a region in the question itself goes before ours."""
        where = [] if "--region" in question else ["--region", self.region]
        return ["aws", *question, *where, "--output", "json"]

    def ask(self, *question: str) -> Answer:
        """The answer. Raises UnaskedError and MissingError."""
        if not shutil.which("aws"):
            raise UnaskedError("the `aws` command is not on PATH")
        try:
            done = subprocess.run(
                self.command(question), capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired as error:
            raise UnaskedError(f"no answer in {SECONDS} s") from error
        except OSError as error:
            raise UnaskedError(f"the `aws` command does not run: {error.strerror}") from error
        if done.returncode:
            said = [line.strip() for line in done.stderr.splitlines() if line.strip()] or ["it failed without a word"]
            raise (MissingError if re.search("NotFound|NoSuch", done.stderr) else UnaskedError)(
                said[-1][:300].rstrip(".")
            )
        try:
            return json.loads(done.stdout)
        except json.JSONDecodeError as error:
            raise UnaskedError("its answer is no JSON") from error
