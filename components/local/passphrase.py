"""The stack's passphrase, as Pulumi itself is given it."""

import os
from pathlib import Path

from infra.errors import FalajError


def passphrase() -> bytes:
    """$PULUMI_CONFIG_PASSPHRASE, or what is in $PULUMI_CONFIG_PASSPHRASE_FILE. LOC-002 when neither is there."""
    if text := os.environ.get("PULUMI_CONFIG_PASSPHRASE"):
        return text.encode()
    name = os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE", "")
    try:
        return Path(name).read_bytes().strip()
    except OSError as error:
        problem = f"the passphrase that opens the key ring cannot be read: {error.strerror}"
        raise FalajError("LOC-002", name or "PULUMI_CONFIG_PASSPHRASE_FILE", problem) from error
