"""What the channels share: their secrets, and what they say of a receiver."""

import ipaddress
from pathlib import Path

from infra.errors import FalajError


class Refused(FalajError):  # noqa: N818 - it is one of ours, by its code
    """A receiver that answered no: trying again at once is of no use."""


def secret(file: Path) -> bytes:
    """What a file of one secret holds. INC-008 when it cannot be read, or is empty."""
    try:
        held = file.read_bytes().strip()
    except OSError as error:
        raise FalajError("INC-008", str(file), f"it cannot be read: {error.strerror}") from error
    if not held:
        raise FalajError("INC-008", str(file), "it is empty")
    return held


def loopback(host: str) -> bool:
    """Whether that is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
