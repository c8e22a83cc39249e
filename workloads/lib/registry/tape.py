"""A tar archive of which there is exactly one for given members: sorted, plain files, no dates, owners or extensions.

Unpacking makes the archive again from what it read and compares: a link, a path that leads out, a double, another
order or a byte after the end is no such archive. Nothing is ever written to a folder, and nothing is decompressed.
"""

import io
import re
import tarfile
from collections.abc import Mapping

from infra.errors import FalajError

MEMBER = re.compile(r"[A-Za-z0-9][\w.-]{0,80}", re.ASCII)
MOST_MEMBERS = 100


def pack(members: Mapping[str, bytes]) -> bytes:
    """The archive of {name: bytes}."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(members):
            about = tarfile.TarInfo(name)
            about.size, about.mode = len(members[name]), 0o600
            archive.addfile(about, io.BytesIO(members[name]))
    return out.getvalue()


def unpack(data: bytes, place: str) -> dict[str, bytes]:
    """Its members. REG-010 when it is not what `pack` makes; a stated size is believed as far as the file goes."""
    try:
        members: dict[str, bytes] = {}
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:", errorlevel=2) as archive:
            for member in archive:
                _plain(member, len(data), members, place)
                file = archive.extractfile(member)
                assert file is not None
                members[member.name] = file.read()
    except (tarfile.TarError, ValueError, EOFError, OSError, AssertionError) as error:
        raise FalajError("REG-010", place, f"it is no archive of ours: {error}") from error
    if pack(members) != data:
        raise FalajError("REG-010", place, "its bytes are not those that its members give")
    return members


def _plain(member: tarfile.TarInfo, most: int, members: Mapping[str, bytes], place: str) -> None:
    problem = ""
    if member.type != tarfile.REGTYPE or member.issparse() or member.pax_headers:
        problem = "is no plain file"
    elif not MEMBER.fullmatch(member.name):
        problem = "is no name of a member"
    elif member.name in members:
        problem = "is there twice"
    elif not 0 <= member.size <= most:
        problem = f"states {member.size:,} bytes, the file has {most:,}"
    elif len(members) >= MOST_MEMBERS:
        problem = f"is one more than {MOST_MEMBERS} members"
    if problem:
        raise FalajError("REG-010", place, f"{member.name[:80]!r} {problem}")
