"""`python -m workloads.lib.begin FOLDER < passphrase`: a key ring and a sealed store where no region makes them.

Says the ring's id, which the stack file names. Asked again, it makes nothing and says it again.
"""

import argparse
import sys
from pathlib import Path

from infra.errors import FalajError
from workloads.lib.key_ring import KeyRing
from workloads.lib.object_store import ObjectStore


def begin(folder: Path, passphrase: bytes) -> str:
    """The ring's id. STO-001 when the passphrase is another ring's, STO-003 when there is none at all."""
    if not passphrase:
        raise FalajError("STO-003", "the passphrase", "it is empty")
    try:
        ring = KeyRing.create(folder / "keys" / "key_ring.json", passphrase)
    except FalajError as error:
        if error.code != "STO-010":
            raise
        ring = KeyRing.open(folder / "keys" / "key_ring.json", passphrase)
    ObjectStore.create(folder / "store", ring)
    return ring.id


def main() -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the volume's, `/var/lib/falaj`")
    try:
        print(begin(parser.parse_args().folder, sys.stdin.buffer.read().strip()))  # noqa: T201 - what was asked for
    except FalajError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return error.entry.exit
    return 0


if __name__ == "__main__":
    sys.exit(main())
