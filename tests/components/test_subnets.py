from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.subnets import LETTERS, TIERS, SubnetError, allocate, allocate_v6

networks = st.builds(
    lambda prefix, number: str(IPv4Network((10 << 24 | (number << (32 - prefix)) % 2**24, prefix))),
    st.integers(16, 22),
    st.integers(0, 2**14),
)
zones = st.sets(st.sampled_from(LETTERS), min_size=1, max_size=6)


def v6(letters: set[str]) -> list[IPv6Network]:
    return [IPv6Network(allocate_v6("2a05:d01c:7f::/56", letter, tier)) for letter in letters for tier in TIERS]


@given(networks, zones)
def test_all_lie_in_the_network_and_none_in_another(cidr: str, letters: set[str]) -> None:
    found = [IPv4Network(subnet) for tier in allocate(cidr, letters).tiers().values() for subnet in tier.values()]
    assert len(found) == 3 * len(letters)
    assert all(subnet.subnet_of(IPv4Network(cidr)) and subnet.prefixlen <= 28 for subnet in found)
    assert not any(one.overlaps(other) for one, other in combinations(found, 2))


@given(networks, zones, zones)
def test_zones_that_come_or_go_move_nobody(cidr: str, before: set[str], after: set[str]) -> None:
    old, new = allocate(cidr, before).tiers(), allocate(cidr, after).tiers()
    assert all(old[tier][letter] == new[tier][letter] for tier in TIERS for letter in before & after)


@given(zones)
def test_v6_subnets_lie_apart_in_the_block(letters: set[str]) -> None:
    found = v6(letters)
    assert len(set(found)) == 3 * len(letters)
    assert all(one.prefixlen == 64 and one.subnet_of(IPv6Network("2a05:d01c:7f::/56")) for one in found)


def test_private_subnets_have_most_of_the_addresses() -> None:
    found = allocate("10.20.0.0/16", "abc")
    assert found.private == {"a": "10.20.0.0/19", "b": "10.20.32.0/19", "c": "10.20.64.0/19"}
    sizes = {tier: sum(ip_network(one).num_addresses for one in of.values()) for tier, of in found.tiers().items()}
    assert sizes == {"private": 3 * 8192, "public": 3 * 1024, "intra": 3 * 1024}


@pytest.mark.parametrize(
    ("cidr", "letters", "said"),
    [
        ("10.20.0.0/23", "a", "10.20.0.0/23 is too small for a network: use /16 to /22"),
        ("10.0.0.0/8", "a", "too large"),
        ("10.20.0.1/16", "a", "has host bits set"),
        ("fd00::/56", "a", "is no range"),
        ("10.20.0.0/16", "g", "zone 'g' is none of a, b, c, d, e, f"),
        ("10.20.0.0/16", [""], "zone ''"),
    ],
)
def test_what_does_not_fit_is_refused(cidr: str, letters: str, said: str) -> None:
    with pytest.raises(SubnetError, match=said):
        allocate(cidr, letters)


def test_a_v6_block_is_a_56() -> None:
    with pytest.raises(SubnetError, match="is not a /56"):
        allocate_v6("2a05:d01c:7f::/60", "a", "private")
