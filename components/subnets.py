"""Where the subnets of a network lie in its addresses. Pure arithmetic: the checker of settings asks it too.

A network is cut into eight. Six parts are private subnets, a slot for each zone that a region may have, since pods get
their addresses there; the seventh is cut into eight for the public ones and the last one for the inner ones. A zone's
letter is its slot, so a zone that comes or goes moves no other's addresses.

    10.20.0.0/16: private a 10.20.0.0/19 … f 10.20.160.0/19 · public a 10.20.192.0/22 … · intra a 10.20.224.0/22 …
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

LETTERS = "abcdef"
TIERS = ("private", "public", "intra")
_BITS = 3
"""A network is cut into eight."""
_LARGEST, _SMALLEST = 16, 22
"""Prefix lengths of a network: AWS takes no wider one, and no subnet narrower than /28 (six bits below)."""
_V6 = 56
"""The prefix length that AWS gives a network; its subnets have 64."""


class SubnetError(ValueError):
    """The subnets do not fit. Says in one line what is wrong and what would do."""


@dataclass(frozen=True, kw_only=True)
class Subnets:
    """CIDRs by tier and zone letter."""

    private: Mapping[str, str]
    public: Mapping[str, str]
    intra: Mapping[str, str]

    def tiers(self) -> Mapping[str, Mapping[str, str]]:
        """All of them, by tier."""
        return {tier: getattr(self, tier) for tier in TIERS}


def allocate(cidr: str, letters: Iterable[str]) -> Subnets:
    """IPv4 subnets for the zones with those letters. Raises SubnetError."""
    *private, public, intra = _network(cidr).subnets(_BITS)
    slots = {"private": private, "public": list(public.subnets(_BITS)), "intra": list(intra.subnets(_BITS))}
    wanted = {letter: _slot(letter) for letter in letters}
    return Subnets(**{tier: {letter: str(of[at]) for letter, at in wanted.items()} for tier, of in slots.items()})


def allocate_v6(block: str, letter: str, tier: str) -> str:
    """The IPv6 subnet of one zone and tier in a network's block. Raises SubnetError."""
    network = IPv6Network(block)
    if network.prefixlen != _V6:
        raise SubnetError(f"{block} is not a /{_V6}, which AWS gives a network")
    place = TIERS.index(tier) * 2**_BITS + _slot(letter)
    return str(IPv6Network((int(network.network_address) + (place << 64), 64)))


def _network(cidr: str) -> IPv4Network:
    try:
        network = IPv4Network(cidr)
    except ValueError as error:
        raise SubnetError(f"{cidr!r} is no range of addresses: {error}") from error
    if not _LARGEST <= network.prefixlen <= _SMALLEST:
        size = "small" if network.prefixlen > _SMALLEST else "large"
        raise SubnetError(f"{cidr} is too {size} for a network: use /{_LARGEST} to /{_SMALLEST}")
    return network


def _slot(letter: str) -> int:
    if len(letter) != 1 or letter not in LETTERS:
        raise SubnetError(f"zone {letter!r} is none of {', '.join(LETTERS)}")
    return LETTERS.index(letter)
